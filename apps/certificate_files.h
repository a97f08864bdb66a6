// Where the certificate of a solution lies.
#pragma once

#include <string>

namespace nmperm {

/// Where `solve` writes the proof of its bound, if it has one: `certificate` where that is given, else beside
/// the solution (s.json: s.certificate.json). Empty where the solution goes to no regular file: nobody would
/// look for the proof.
std::string certificate_path(const std::string& certificate, const std::string& output);

/// The name of the certificate in the solution file `output`: relative to its folder. Empty where the
/// solution goes to standard output, which has none.
std::string certificate_name(const std::string& certificate_path, const std::string& output);

/// The reverse: the path of the certificate that the solution file names.
std::string named_certificate(const std::string& solution_path, const std::string& name);

}  // namespace nmperm
