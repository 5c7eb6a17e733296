import EntitlementModel
import Foundation
package import GRPCCore
import GRPCProtobuf
package import Logging
import Messaging
import Postgres

/// Turns whatever a method throws into a status. Of an unknown error callers get an incident's id and no word
/// more.
package struct ErrorInterceptor: ServerInterceptor {
  private let logger: Logger

  package init(logger: Logger) {
    self.logger = logger
  }

  @concurrent package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    do {
      var response = try await next(request, context)
      response.accepted = response.accepted.map { contents in
        var contents = contents
        let produce = contents.producer
        // A streamed answer fails after the method has returned.
        contents.producer = { writer in
          do { return try await produce(writer) } catch { throw status(of: error, context) }
        }
        return contents
      }.mapError { status(of: $0, context) }
      return response
    } catch {
      throw status(of: error, context)
    }
  }

  private func status(of error: any Error, _ context: ServerContext) -> RPCError {
    switch error {
    case let error as RPCError:
      // What is thrown further in arrives wrapped like this.
      guard error.code == .unknown, let cause = error.cause else { return error }
      return status(of: cause, context)
    case let error as any StatusConvertible:
      return RPCError(error)
    case is CancellationError:
      return RPCError(code: .cancelled, message: "The call was canceled.")
    case let error as DatabaseError where error.isRetryable:
      logger.warning("database is not available", metadata: metadata(error, context))
      return RPCError(
        GoogleRPCStatus(
          code: .unavailable, message: "The service cannot reach its data at the moment. Try again.",
          details: .retryInfo(delay: .seconds(1))))
    case let error:
      return incident(error, context)
    }
  }

  private func incident(_ error: any Error, _ context: ServerContext) -> RPCError {
    let incident = UUID().uuidString.lowercased()
    var metadata = metadata(error, context)
    metadata[LogKey.incident] = "\(incident)"
    logger.error("a call failed", metadata: metadata)
    return RPCError(
      GoogleRPCStatus(
        code: .internalError, message: "Something went wrong here. Incident \(incident).",
        details: .errorInfo(reason: "internal", domain: "vestibule", metadata: ["incident": incident])))
  }

  private func metadata(_ error: any Error, _ context: ServerContext) -> Logger.Metadata {
    [LogKey.method: "\(context.descriptor.fullyQualifiedMethod)", LogKey.error: "\(error.loggable)"]
  }
}
