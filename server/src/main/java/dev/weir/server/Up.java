// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Both planes in one process; the snapshot is handed over by a method call.
final class Up implements AutoCloseable {
  private final ControlPlane controlPlane;
  private final GatewayPlane gatewayPlane;
  private final ReadyFile readyFile;

  private Up(Configuration configuration, Seams seams) throws IOException {
    Path data = configuration.path(Setting.DATA);
    readyFile = ReadyFile.in(data);
    controlPlane = ControlPlane.start(configuration, seams);
    try {
      gatewayPlane =
          GatewayPlane.start(
              configuration,
              data.resolve("gateway"),
              controlPlane.link(),
              Set.of(controlPlane.port()));
    } catch (IOException | RuntimeException e) {
      controlPlane.close();
      throw e;
    }
    controlPlane.ownPorts().add(gatewayPlane.port());
    readyFile.write(Optional.of(gateway()), Optional.of(control()), Optional.of(adminKeyFile()));
  }

  static Up start(Configuration configuration, Seams seams) throws IOException {
    return new Up(configuration, seams);
  }

  /// URL.
  String gateway() {
    return gatewayPlane.url();
  }

  /// URL.
  String control() {
    return controlPlane.url();
  }

  /// The file by which the control API's own certificate can be checked, where there is one.
  Optional<Path> ownAuthority() {
    return controlPlane.ownAuthority();
  }

  Path adminKeyFile() {
    return controlPlane.adminKeyFile();
  }

  void announce(PrintStream out) {
    out.println("gateway   " + gateway() + "/v1   (OpenAI-compatible)");
    out.println("control   " + control());
    out.println("admin key " + adminKeyFile());
    out.println("next      weir apply -f examples/sim.yaml --wait");
    out.flush();
  }

  /// The orderly end: new requests are refused, streams finish, then replicas stop unless they are
  /// to be kept.
  void stop() {
    readyFile.remove();
    gatewayPlane.close();
    controlPlane.stop();
  }

  /// The same, but lets go of the replicas as they are.
  @Override
  public void close() {
    readyFile.remove();
    gatewayPlane.close();
    controlPlane.close();
  }
}
