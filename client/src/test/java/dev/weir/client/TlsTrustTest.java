// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.weir.testkit.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTrustTest {
  @TempDir static Path folder;
  private static TestAuthority authority;

  @BeforeAll
  static void found() {
    authority = TestAuthority.in(folder);
  }

  private static HttpsServer serve(TestAuthority.Pair pair) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpsServer server = HttpsServer.create(any, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(authority.server(pair)));
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, -1);
          }
        });
    server.start();
    return server;
  }

  private static boolean health(int port, Optional<Path> ca) {
    ControlEndpoint endpoint =
        new ControlEndpoint(
            URI.create("https://127.0.0.1:" + port),
            Optional.empty(),
            ControlEndpoint.DEFAULT_TIMEOUT);
    try (WeirClient client = new WeirClient(endpoint, ca.map(TlsTrust::only))) {
      return client.health();
    }
  }

  private static String failure(TestAuthority.Pair pair, Optional<Path> ca) throws IOException {
    HttpsServer server = serve(pair);
    try {
      var failure =
          assertThatExceptionOfType(WeirUnreachableException.class)
              .isThrownBy(() -> health(server.getAddress().getPort(), ca))
              .actual();
      return String.valueOf(failure.getMessage());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void a_certificate_of_the_named_authority_is_trusted() throws IOException {
    HttpsServer server = serve(authority.issue(30));
    try {
      assertThat(health(server.getAddress().getPort(), Optional.of(authority.certificate())))
          .isTrue();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void an_untrusted_certificate_is_reported_with_the_remedy() throws IOException {
    assertThat(failure(authority.issue(30), Optional.empty()))
        .contains("not signed by a trusted CA", "--ca FILE", "WEIR_CA");
  }

  @Test
  void a_certificate_for_another_host_has_its_own_error() throws IOException {
    assertThat(failure(authority.issue(30, "example.org"), Optional.of(authority.certificate())))
        .contains("is not valid for this host", "use a host name that the certificate contains");
  }

  @Test
  void an_expired_certificate_has_its_own_error() throws IOException {
    assertThat(failure(authority.issue(-1), Optional.of(authority.certificate())))
        .contains("has expired");
  }

  @Test
  void a_server_without_tls_has_its_own_error() throws IOException {
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> refuse(plain));
      assertThatExceptionOfType(WeirUnreachableException.class)
          .isThrownBy(() -> health(plain.getLocalPort(), Optional.empty()))
          .withMessageContaining("does not speak TLS: try http://");
    }
  }

  /// Answers a handshake like a server of plain HTTP.
  private static void refuse(ServerSocket plain) {
    try (Socket socket = plain.accept()) {
      socket
          .getOutputStream()
          .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_file_without_an_authority_is_named() throws IOException {
    Path none = folder.resolve("none");
    Path odd = Files.writeString(folder.resolve("odd"), "hello");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsTrust.only(none))
        .withMessage("CA file " + none + " does not exist");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsTrust.only(odd))
        .withMessageContaining(odd.toString());
  }
}
