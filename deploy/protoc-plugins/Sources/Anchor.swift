/// SwiftPM builds only products that a target of the root package reaches; this one reaches them.
@main struct Anchor { static func main() {} }
