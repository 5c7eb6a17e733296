import Messaging

extension ExpiryService {
  /// Deadlines and notices know people by their ids alone.
  static let erase: ErasePersonalValues = { _, _ in }
}
