import Testing

/// Everything that runs all services as processes, one suite after the other: they would starve each other.
@Suite("All services as processes", .serialized) struct WholeSystem {}
