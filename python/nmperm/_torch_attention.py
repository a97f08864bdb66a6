"""PyTorch's attention and recurrent layers as operations of ONNX."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from ._torch_graph import GraphWriter, NotFollowed, Value, cut
from ._torch_translators import Translator, translates

# ---- attention -------------------------------------------------------------------------------------------------------

def _attend(g: GraphWriter, q: Value, k: Value, v: Value, mask: Optional[Value], axes: int) -> tuple[Value, Value]:
    """Heads [..., T, D]; returns what they look up, and the weights."""
    order = [*range(axes - 2), axes - 1, axes - 2]
    scores = g.op("MatMul", q, g.op("Transpose", k, perm=order))
    if mask is not None:
        scores = g.op("Add", scores, mask)
    weights = g.op("Softmax", scores, axis=axes - 1)
    return g.op("MatMul", weights, v), weights


@translates("scaled_dot_product_attention")
def _scaled_dot_product_attention(
    g: GraphWriter,
    query: Value,
    key: Value,
    value: Value,
    attn_mask: Optional[Value] = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: Any = None,
) -> Value:
    if query.rank != key.rank or isinstance(scale, Value):
        raise NotFollowed("heads of another layout")
    return _attend(g, query, key, value, attn_mask, query.rank)[0]


@translates("multi_head_attention_forward")
def _multi_head_attention(
    g: GraphWriter,
    query: Value,
    key: Value,
    value: Value,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Optional[Value],
    in_proj_bias: Optional[Value],
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Value,
    out_proj_bias: Optional[Value],
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Optional[Value] = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Optional[Value] = None,
    k_proj_weight: Optional[Value] = None,
    v_proj_weight: Optional[Value] = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> Any:
    odd = (bias_k, bias_v, key_padding_mask, static_k, static_v)
    if query.rank != 3 or add_zero_attn or any(argument is not None for argument in odd):
        raise NotFollowed("attention of another kind")
    if attn_mask is not None and attn_mask.rank != 2:
        raise NotFollowed("a mask for each head")
    width, head = embed_dim_to_check, embed_dim_to_check // num_heads

    def project(x: Value, weight: Optional[Value], bias: Optional[Value]) -> Value:
        if weight is None:
            raise NotFollowed("attention of another kind")
        out = g.op("MatMul", x, g.op("Transpose", weight, perm=[1, 0]))
        return out if bias is None else g.op("Add", out, bias)

    def heads(x: Value) -> Value:
        """[T, B, E] as [B, H, T, D]."""
        split = g.op("Reshape", x, shape=[0, 0, num_heads, head])
        return g.op("Transpose", split, perm=[1, 2, 0, 3])

    if use_separate_proj_weight:
        biases: Sequence[Optional[Value]] = [None] * 3
        if in_proj_bias is not None:
            biases = g.node("Split", [in_proj_bias], 3, axis=0, split=[width] * 3)
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        parts = [project(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]
    else:
        # The whole projection of each input, of which a third is used: the weight stays in one piece.
        whole = {x.name: project(x, in_proj_weight, in_proj_bias) for x in (query, key, value)}
        parts = [
            cut(g, whole[x.name], 2, third * width, (third + 1) * width)
            for third, x in enumerate((query, key, value))
        ]
    q, k, v = (heads(part) for part in parts)
    looked_up, attention = _attend(g, q, k, v, attn_mask, 4)
    joined = g.op("Reshape", g.op("Transpose", looked_up, perm=[2, 0, 1, 3]), shape=[0, 0, width])
    out = project(joined, out_proj_weight, out_proj_bias)
    if not need_weights:
        return out, None
    return out, g.op("ReduceMean", attention, axes=[1], keepdims=0) if average_attn_weights else attention


# ---- recurrence ------------------------------------------------------------------------------------------------------

def _recurrent(operation: str, states: int) -> Translator:
    def translate(
        g: GraphWriter,
        input: Value,
        hx: Any,
        weights: Sequence[Value],
        bias: bool,
        layers: int,
        dropout: float,
        training: bool,
        bidirectional: bool,
        batch_first: bool,
    ) -> Any:
        if input.rank != 3:
            raise NotFollowed("packed sequences")
        directions, each = 2 if bidirectional else 1, 4 if bias else 2
        if len(weights) != layers * directions * each:
            raise NotFollowed("projected states")
        initial = [hx] if isinstance(hx, Value) else list(hx)
        count = layers * directions
        parts = [g.node("Split", [state], count, axis=0, split=[1] * count) for state in initial]
        x = g.op("Transpose", input, perm=[1, 0, 2]) if batch_first else input
        finals: list[list[Value]] = [[] for _ in range(states)]
        for layer in range(layers):
            outputs = []
            for direction in range(directions):
                number = layer * directions + direction
                w = [g.op("Unsqueeze", t, axes=[0]) for t in weights[number * each : (number + 1) * each]]
                joint_bias = g.op("Concat", w[2], w[3], axis=1) if bias else None
                inputs = [x, w[0], w[1], joint_bias, None, *(part[number] for part in parts)]
                y, *last = g.node(operation, inputs, 1 + states)
                outputs.append(g.op("Squeeze", y, axes=[1]))
                for state, found in zip(finals, last):
                    state.append(found)
            # The order of the steps is nothing to the channels: both directions are written alike.
            x = g.op("Concat", *outputs, axis=2) if directions > 1 else outputs[0]
        final = []
        for part, state in enumerate(finals, start=1):
            if part in g.used_parts:
                final.append(g.op("Concat", *state, axis=0) if len(state) > 1 else state[0])
            else:  # joined, all layers would have to keep one order
                final.append(g.op("torch::states_that_nobody_reads"))
        return g.op("Transpose", x, perm=[1, 0, 2]) if batch_first else g.op("Identity", x), *final

    return translate


translates("lstm")(_recurrent("LSTM", 2))
translates("gru")(_recurrent("GRU", 1))
translates("rnn_tanh", "rnn_relu")(_recurrent("RNN", 1))
