// What the emulated CUDA driver answers: the result codes of the CUDA Driver API in use, and the exception
// that carries one inside the library.
#pragma once

#include <stdexcept>
#include <string>

namespace nmperm::emulated_cuda {

/// Numbers and meanings as in the CUDA Driver API reference, "Data types used by CUDA driver", CUresult.
enum Result : int {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialized = 3,
  kStubLibrary = 34,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kInvalidPtx = 218,
  kUnsupportedPtxVersion = 222,
  kInvalidHandle = 400,
  kNotFound = 500,
  kIllegalAddress = 700,
  kLaunchTimeout = 702,
  kContextIsDestroyed = 709,
  kMisalignedAddress = 716,
  kLaunchFailed = 719,
};

/// A call that fails. `what()` is for people and goes to stderr as one line; where it is empty, the code says
/// it all.
class Fault : public std::runtime_error {
 public:
  explicit Fault(Result result, const std::string& what = {}) : std::runtime_error(what), result_(result) {}
  Result result() const { return result_; }

 private:
  Result result_;
};

}  // namespace nmperm::emulated_cuda
