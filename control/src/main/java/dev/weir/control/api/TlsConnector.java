// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;

/// TLS with a replaceable certificate and a handshake timeout. Jetty's own idle timeout restarts
/// with each byte, so a client that sends a byte now and then could keep a handshake open
/// indefinitely.
final class TlsConnector extends SslConnectionFactory {
  private static final long HANDSHAKE_SECONDS = 10;
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  TlsConnector(SSLContext first) {
    super(factory(first), HttpVersion.HTTP_1_1.asString());
    // There is only one host, so the host name of a request does not matter.
    setEnsureSecureRequestCustomizer(false);
  }

  private static SslContextFactory.Server factory(SSLContext context) {
    var factory = new SslContextFactory.Server();
    factory.setIncludeProtocols(PROTOCOLS);
    factory.setSslContext(context);
    return factory;
  }

  /// Uses another certificate for new connections.
  void show(SSLContext next) {
    try {
      getSslContextFactory().reload(factory -> factory.setSslContext(next));
    } catch (Exception e) {
      throw new IllegalStateException("the new certificate cannot be used: " + e.getMessage(), e);
    }
  }

  @Override
  protected SslConnection newSslConnection(
      Connector connector, EndPoint endPoint, SSLEngine engine) {
    SslConnection connection = super.newSslConnection(connector, endPoint, engine);
    Scheduler.Task timeout =
        connector.getScheduler().schedule(endPoint::close, HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    var watch = new HandshakeWatch(timeout);
    connection.addHandshakeListener(watch);
    connection.addEventListener(watch);
    return connection;
  }

  /// Cancels the timeout when the handshake succeeds or the connection closes.
  private record HandshakeWatch(Scheduler.Task timeout)
      implements SslHandshakeListener, Connection.Listener {
    @Override
    public void handshakeSucceeded(Event event) {
      timeout.cancel();
    }

    @Override
    public void onClosed(Connection connection) {
      timeout.cancel();
    }
  }
}
