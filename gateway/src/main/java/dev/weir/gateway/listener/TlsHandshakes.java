// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/// TLS of a listener. The certificate is swapped as a whole: open connections keep the old one, new
/// ones use the new one and share no session with the old.
///
/// Signatures are computed on a few dedicated threads, so that a flood of handshakes does not block
/// streams on the event loops.
final class TlsHandshakes implements AutoCloseable {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final ApplicationProtocolConfig HTTP_1 =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_1_1);

  private final ExecutorService signing =
      Executors.newFixedThreadPool(
          Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
          Thread.ofPlatform().daemon().name("tls-handshake-", 0).factory());
  private final long timeoutMillis;
  private volatile SslContext current;

  TlsHandshakes(SSLContext first, long timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
    this.current = wrapped(first);
  }

  private static SslContext wrapped(SSLContext context) {
    return new JdkSslContext(
        context,
        false,
        null,
        IdentityCipherSuiteFilter.INSTANCE,
        HTTP_1,
        ClientAuth.NONE,
        PROTOCOLS,
        false);
  }

  void replaceCertificate(SSLContext next) {
    current = wrapped(next);
  }

  /// Creates the handler of one connection, which closes it if the handshake fails or times out.
  SslHandler handler(ByteBufAllocator allocator) {
    SslHandler handler = current.newHandler(allocator, signing);
    handler.setHandshakeTimeoutMillis(timeoutMillis);
    return handler;
  }

  @Override
  public void close() {
    signing.shutdownNow();
  }
}
