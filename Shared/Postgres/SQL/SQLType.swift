/// A PostgreSQL type by its object identifiers, which are fixed for the built-in types.
package struct SQLType: Hashable, Sendable {
  package let oid: UInt32
  package let array: UInt32

  package static let bool = SQLType(oid: 16, array: 1000)
  package static let bytea = SQLType(oid: 17, array: 1001)
  package static let int8 = SQLType(oid: 20, array: 1016)
  package static let int2 = SQLType(oid: 21, array: 1005)
  package static let int4 = SQLType(oid: 23, array: 1007)
  package static let text = SQLType(oid: 25, array: 1009)
  package static let float4 = SQLType(oid: 700, array: 1021)
  package static let float8 = SQLType(oid: 701, array: 1022)
  package static let name = SQLType(oid: 19, array: 1003)
  package static let bpchar = SQLType(oid: 1042, array: 1014)
  package static let varchar = SQLType(oid: 1043, array: 1015)
  package static let timestamptz = SQLType(oid: 1184, array: 1185)
  package static let interval = SQLType(oid: 1186, array: 1187)
  package static let uuid = SQLType(oid: 2950, array: 2951)
  package static let json = SQLType(oid: 114, array: 199)
  package static let jsonb = SQLType(oid: 3802, array: 3807)

  /// The element type of an array type, nil for any type that is not an array known here.
  static func element(ofArray oid: UInt32) -> UInt32? {
    switch oid {
    case 1000: 16
    case 1001: 17
    case 1016: 20
    case 1005: 21
    case 1007: 23
    case 1009: 25
    case 1021: 700
    case 1022: 701
    case 1003: 19
    case 1014: 1042
    case 1015: 1043
    case 1185: 1184
    case 1187: 1186
    case 2951: 2950
    case 199: 114
    case 3807: 3802
    default: nil
    }
  }
}
