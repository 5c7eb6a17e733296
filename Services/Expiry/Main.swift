import ServiceRuntime

@main
struct Main {
  static func main() async {
    await boot(ExpiryService.self)
  }
}
