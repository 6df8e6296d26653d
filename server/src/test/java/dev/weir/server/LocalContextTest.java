// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.session.ContextFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LocalContextTest {
  private static final String OWN = "http://127.0.0.1:1";

  @Test
  void a_context_of_a_running_control_plane_is_in_use() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + other.getLocalPort();
      assertThat(LocalContext.inUse(context(url), OWN)).contains(url);
      assertThat(LocalContext.inUse(context(url), url)).as("its own address").isEmpty();
    }
  }

  @Test
  void a_context_of_a_stopped_control_plane_is_free() throws IOException {
    String url;
    try (ServerSocket stopped = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      url = "http://127.0.0.1:" + stopped.getLocalPort();
    }
    assertThat(LocalContext.inUse(context(url), OWN)).isEmpty();
    assertThat(LocalContext.inUse(context("not a url"), OWN)).isEmpty();
    assertThat(LocalContext.inUse(null, OWN)).isEmpty();
  }

  private static ContextFile.Entry context(String server) {
    return new ContextFile.Entry(
        server, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }
}
