/// Which state of an aggregate a copy shows. A schema restored from a backup raises its epoch, so that copies
/// written after the backup do not outrank it; every transition raises the number.
package struct Version: Sendable, Hashable, Comparable {
  package var epoch: Int
  package var number: Int

  package init(epoch: Int, number: Int) {
    (self.epoch, self.number) = (epoch, number)
  }

  package static func < (left: Version, right: Version) -> Bool {
    (left.epoch, left.number) < (right.epoch, right.number)
  }
}
