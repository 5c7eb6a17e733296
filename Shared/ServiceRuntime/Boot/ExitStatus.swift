/// How a service's process ends.
enum ExitStatus: Int32 {
  case done = 0
  case failed = 1
  /// Arguments or settings that cannot be used.
  case unusable = 2
}
