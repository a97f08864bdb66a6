// The library and what is known of it, for readers.
#pragma once

#include <string>
#include <vector>

#include "instances/best_known.h"
#include "instances/library.h"

namespace nmperm {

/// A page in Markdown: a table of what is open, one of the reporting and one of the tuning part, with sizes,
/// the best known value, bound and gap of every instance, and how many are proven optimal. "unknown" where no
/// bound is known.
std::string library_markdown(const Library& library, const std::vector<BestKnown>& entries);

/// The same figures in columns of fixed width, of the given instances.
std::string library_text(const std::vector<const LibraryInstance*>& instances,
                         const std::vector<BestKnown>& entries);

}  // namespace nmperm
