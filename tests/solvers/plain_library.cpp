// A shared library without the entry point of a backend.
extern "C" int nmperm_plain_library() {
  return 0;
}
