/// The domains of mail providers that everybody may use: who comes from there is an individual.
package struct PublicMailDomains: Sendable, Hashable {
  private var domains: Set<String>

  /// With a tenant's own.
  package func adding(_ more: [DomainName]) -> PublicMailDomains {
    var extended = self
    extended.domains.formUnion(more.map(\.text))
    return extended
  }

  /// Whether it is one of them, or below one.
  package func contains(_ domain: DomainName) -> Bool {
    domain.selfAndParents.contains { domains.contains($0.text) }
  }

  /// Whether an issuer signs in everybody: Microsoft's tenant of personal accounts.
  package func contains(issuer: String) -> Bool {
    issuer.contains("9188040d-6c67-4c5b-b112-36a304b66dad")
  }

  package static let known = PublicMailDomains(
    domains: Set(
      """
      gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it
      hotmail.es live.com live.de live.co.uk live.fr live.nl msn.com passport.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in
      yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.com.br ymail.com rocketmail.com aol.com aol.de icloud.com me.com mac.com
      gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de arcor.de mail.de posteo.de mailbox.org
      proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com fastmail.com fastmail.fm hey.com
      zoho.com zohomail.com zohomail.eu mail.com email.com usa.com inbox.com hushmail.com runbox.com
      yandex.com yandex.ru ya.ru mail.ru bk.ru list.ru inbox.ru rambler.ru ukr.net
      qq.com foxmail.com 163.com 126.com yeah.net sina.com sohu.com aliyun.com 139.com naver.com hanmail.net daum.net
      rediffmail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it
      seznam.cz centrum.cz wp.pl o2.pl onet.pl interia.pl abv.bg bluewin.ch ziggo.nl xs4all.nl telenet.be skynet.be
      uol.com.br bol.com.br terra.com.br comcast.net verizon.net att.net sbcglobal.net cox.net btinternet.com
      virginmedia.com sky.com bigpond.com optusnet.com.au shaw.ca rogers.com sympatico.ca
      """.split { $0.isWhitespace }.map(String.init)))
}
