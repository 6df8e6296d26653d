// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.tls.TlsFiles;
import dev.weir.server.tls.TlsFiles.Read;
import dev.weir.server.tls.TlsWatch;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/// The certificate that a listener starts with.
record ServedCertificate(Setting listener, TlsFiles files, Read.Usable first) {

  /// Nothing when the settings name none for this listener.
  ///
  /// @throws ConfigurationException when the pair they name cannot be used
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

  /// Watches the files from now on.
  TlsWatch watch(Consumer<SSLContext> renewed, InstantSource clock) {
    TlsWatch watch = new TlsWatch(listener.key(), files, first, renewed, clock);
    watch.start();
    return watch;
  }

  /// Where a client reaches the listener. An address that means all of this machine's is in no
  /// certificate, so a name that is in it takes its place.
  String url(Address bound) {
    List<String> names =
        first.pair().names().stream().filter(name -> !name.startsWith("*")).toList();
    if (!bound.everywhere() || names.isEmpty()) {
      return bound.url(true);
    }
    String host = names.contains("localhost") ? "localhost" : names.getFirst();
    return new Address(host, bound.port()).url(true);
  }

  /// What a client has to trust, where that is this file itself.
  Optional<Path> ownAuthority() {
    return first.pair().endsInItsOwnAuthority()
        ? Optional.of(files.certificate())
        : Optional.empty();
  }
}
