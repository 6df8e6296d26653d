// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.weir.gateway.listener.ListenerLimits;
import dev.weir.testkit.TestAuthority;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ListenerTlsTest {
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir static Path folder;
  private static TestAuthority authority;
  private static SSLContext first;
  private static SSLContext second;

  @BeforeAll
  static void issue() {
    authority = TestAuthority.in(folder);
    first = authority.server(authority.issue(30));
    second = authority.server(authority.issue(60));
  }

  private static GatewayFixture gateway(ListenerLimits limits) {
    return new GatewayFixture(limits, Optional.of(first));
  }

  private static SSLSocket socket(GatewayFixture weir, SSLContext trust) throws IOException {
    SSLSocket socket =
        (SSLSocket) trust.getSocketFactory().createSocket("localhost", weir.gateway.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static String servedSubject(SSLSocket socket) throws IOException {
    X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    return certificate.getSubjectX500Principal().getName();
  }

  /// Sends a request on an open connection and reads the whole answer.
  private static String health(Socket socket) throws IOException {
    GatewayFixture.send(socket, HEALTH);
    String body = "{\"status\":\"ok\"}";
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith(body)) {
      int read = socket.getInputStream().read();
      assertThat(read).as("after %s", answer).isNotNegative();
      answer.append((char) read);
    }
    return answer.toString();
  }

  @Test
  void an_open_connection_survives_a_new_certificate_and_the_next_one_uses_it() throws IOException {
    try (GatewayFixture weir = gateway(ListenerLimits.DEFAULT);
        SSLSocket before = socket(weir, authority.client())) {
      assertThat(health(before)).startsWith("HTTP/1.1 200");
      weir.gateway.replaceCertificate(second);
      assertThat(health(before)).startsWith("HTTP/1.1 200");
      assertThat(servedSubject(before)).isEqualTo("CN=issued-0");
      try (SSLSocket after = socket(weir, authority.client())) {
        assertThat(health(after)).startsWith("HTTP/1.1 200");
        assertThat(servedSubject(after)).isEqualTo("CN=issued-1");
      }
    }
  }

  @Test
  void http_1_1_is_negotiated_only_over_tls_1_2_and_later() throws IOException {
    try (GatewayFixture weir = gateway(ListenerLimits.DEFAULT)) {
      try (SSLSocket socket = socket(weir, authority.client())) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        parameters.setProtocols(new String[] {"TLSv1.2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
      }
    }
  }

  @Test
  void a_client_that_trusts_another_authority_refuses_the_certificate() throws Exception {
    SSLContext other = TestAuthority.in(java.nio.file.Files.createTempDirectory("other")).client();
    try (GatewayFixture weir = gateway(ListenerLimits.DEFAULT);
        SSLSocket socket = socket(weir, other)) {
      assertThatExceptionOfType(SSLHandshakeException.class).isThrownBy(socket::startHandshake);
    }
  }

  @Test
  void a_stalled_handshake_is_closed() throws IOException {
    ListenerLimits limits = new ListenerLimits(100, 1_000, 2_000, 500, 100_000, 60_000, 60_000, 50);
    try (GatewayFixture weir = gateway(limits);
        Socket silent = weir.socket()) {
      GatewayFixture.send(silent, "\u0016\u0003\u0001");
      // It is closed with or without an alert; the idle timeout alone would take a minute.
      assertThat(silent.getInputStream().readAllBytes()).hasSizeLessThan(64);
    }
  }

  @Test
  void plain_http_is_refused() throws IOException {
    try (GatewayFixture weir = gateway(ListenerLimits.DEFAULT)) {
      assertThat(weir.raw(HEALTH).getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(64);
    }
  }

  @Test
  void a_connection_above_the_limit_is_closed_before_its_handshake() throws IOException {
    ListenerLimits limits =
        new ListenerLimits(1, 1_000, 2_000, 500, 100_000, 60_000, 60_000, 10_000);
    try (GatewayFixture weir = gateway(limits);
        SSLSocket only = socket(weir, authority.client())) {
      assertThat(health(only)).startsWith("HTTP/1.1 200");
      try (Socket more = weir.socket()) {
        assertThat(more.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(health(only)).startsWith("HTTP/1.1 200");
    }
  }
}
