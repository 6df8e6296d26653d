// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// Both planes in one process; the snapshot is handed over by a method call.
final class SingleProcess implements AutoCloseable {
  private final ControlPlane controlPlane;
  private final GatewayPlane gatewayPlane;
  private final ReadyFile readyFile;

  private SingleProcess(Configuration configuration, TestHooks testHooks, BooleanSupplier toldToEnd)
      throws IOException {
    Path data = configuration.path(Setting.DATA);
    Path ofGateway = data.resolve("gateway");
    DataFolder.requireUsable(data, ofGateway);
    readyFile = ReadyFile.in(data);
    controlPlane = ControlPlane.start(configuration, testHooks, toldToEnd);
    try {
      gatewayPlane =
          GatewayPlane.start(
              configuration, ofGateway, controlPlane.link(), Set.of(controlPlane.port()));
    } catch (IOException | RuntimeException e) {
      controlPlane.close();
      throw e;
    }
    controlPlane.listeningPorts().add(gatewayPlane.port());
    readyFile.write(Optional.of(gateway()), Optional.of(control()), Optional.of(adminKeyFile()));
  }

  /// @param toldToEnd whether the process has been told to end
  static SingleProcess start(
      Configuration configuration, TestHooks testHooks, BooleanSupplier toldToEnd)
      throws IOException {
    return new SingleProcess(configuration, testHooks, toldToEnd);
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

  /// New requests are refused, streams finish, then the control plane closes.
  @Override
  public void close() {
    readyFile.remove();
    gatewayPlane.close();
    controlPlane.close();
  }
}
