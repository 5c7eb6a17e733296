import GRPCNIOTransportHTTP2

extension TransportFiles {
  /// How the server speaks: TLS with a certificate, and callers need one too if there is an authority for
  /// them.
  var server: HTTP2ServerTransport.Posix.TransportSecurity {
    guard let own else { return .plaintext }
    let chain: [TLSConfig.CertificateSource] = [.file(path: own.certificate, format: .pem)]
    let key = TLSConfig.PrivateKeySource.file(path: own.key, format: .pem)
    guard let clientAuthority else { return .tls(certificateChain: chain, privateKey: key) }
    return .mTLS(certificateChain: chain, privateKey: key) {
      $0.trustRoots = .certificates([.file(path: clientAuthority, format: .pem)])
    }
  }

  /// How another service is spoken to.
  func client(of peer: PeerAddress) -> HTTP2ClientTransport.Posix.TransportSecurity {
    guard peer.isSecure else { return .plaintext }
    return .tls(
      .defaults { tls in
        if let clientAuthority {
          tls.trustRoots = .certificates([.file(path: clientAuthority, format: .pem)])
        }
        if let own {
          tls.certificateChain = [.file(path: own.certificate, format: .pem)]
          tls.privateKey = .file(path: own.key, format: .pem)
        }
      })
  }
}
