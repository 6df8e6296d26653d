// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.configuration.Address;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.ConfigurationException;
import dev.weir.server.configuration.Setting;
import dev.weir.server.tls.TlsFiles;
import dev.weir.server.tls.TlsFiles.Read;
import dev.weir.server.tls.TlsWatch;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/// The certificate with which a listener starts.
record ServedCertificate(Setting listener, TlsFiles files, Read.Usable first) {

  /// Empty if no certificate is set for this listener.
  ///
  /// @throws ConfigurationException when the pair is not usable
  static Optional<ServedCertificate> of(Configuration configuration, Setting listener) {
    return configuration
        .tls(listener)
        .map(files ->
            switch (files.read()) {
              case Read.Usable usable -> new ServedCertificate(listener, files, usable);
              case Read.Unusable unusable ->
                  throw new ConfigurationException(
                      List.of(listener.key() + " cannot listen with TLS: " + unusable.why()));
            });
  }

  SSLContext context() {
    return first.pair().context();
  }

  /// Starts to watch the files.
  TlsWatch watch(Consumer<SSLContext> renewed, InstantSource clock) {
    TlsWatch watch = new TlsWatch(listener.key(), files, first, renewed, clock);
    watch.start();
    return watch;
  }

  /// The URL for clients. A wildcard address is not in any certificate, so the URL uses a name from
  /// the certificate instead.
  String url(Address bound) {
    List<String> names =
        first.pair().names().stream().filter(name -> !name.startsWith("*")).toList();
    if (!bound.isWildcard() || names.isEmpty()) {
      return bound.url(true);
    }
    String host = names.contains("localhost") ? "localhost" : names.getFirst();
    return new Address(host, bound.port()).url(true);
  }

  /// The file that clients have to trust, if the certificate chain ends in its own CA.
  Optional<Path> ownAuthority() {
    return first.pair().endsInItsOwnAuthority()
        ? Optional.of(files.certificate())
        : Optional.empty();
  }
}
