// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.testkit.TestAuthority;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlTlsTest {
  @TempDir Path folder;
  @TempDir Path certificates;
  private TestAuthority authority;
  private ApiHarness api;

  @BeforeEach
  void start() {
    authority = TestAuthority.in(certificates);
    api = new ApiHarness(folder, Optional.of(authority.server(authority.issue(30))));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private SSLSocket socket() throws IOException {
    SSLSocket socket =
        (SSLSocket) authority.client().getSocketFactory().createSocket("localhost", api.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static String shown(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSubjectX500Principal()
        .getName();
  }

  /// The status line of one call; the rest of a short answer is read away.
  private static String health(SSLSocket socket, BufferedReader answers) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    String status = answers.readLine();
    int length = 0;
    for (String line = answers.readLine(); !line.isEmpty(); line = answers.readLine()) {
      if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    assertThat(answers.skip(length)).isEqualTo(length);
    return status;
  }

  private static BufferedReader reader(SSLSocket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  @Test
  void an_open_connection_survives_a_new_certificate_and_the_next_one_sees_it() throws IOException {
    try (SSLSocket before = socket()) {
      BufferedReader answers = reader(before);
      assertThat(health(before, answers)).contains("200");
      api.show(authority.server(authority.issue(60)));
      assertThat(health(before, answers)).contains("200");
      assertThat(shown(before)).isEqualTo("CN=issued-0");
      try (SSLSocket after = socket()) {
        assertThat(health(after, reader(after))).contains("200");
        assertThat(shown(after)).isEqualTo("CN=issued-1");
      }
    }
  }

  @Test
  void old_protocols_are_refused() throws IOException {
    try (SSLSocket socket = socket()) {
      socket.setEnabledProtocols(new String[] {"TLSv1.1"});
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void with_tls_every_address_may_be_listened_on() throws Exception {
    SSLContext tls = SSLContext.getDefault();
    assertThat(new ControlApi.Options("0.0.0.0", 0, false, Optional.of(tls)).tls()).isPresent();
  }
}
