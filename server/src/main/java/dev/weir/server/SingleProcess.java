// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.server.files.DataFolder;
import dev.weir.server.files.ReadyFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// Both planes in one process. Snapshots are passed by method calls.
final class SingleProcess implements AutoCloseable {
  private final ControlPlane controlPlane;
  private final GatewayPlane gatewayPlane;
  private final ReadyFile readyFile;

  private SingleProcess(
      Configuration configuration, TestHooks testHooks, BooleanSupplier shutdownRequested)
      throws IOException {
    Path data = configuration.path(Setting.DATA);
    Path gatewayData = data.resolve("gateway");
    DataFolder.requireUsable(data, gatewayData);
    readyFile = ReadyFile.in(data);
    controlPlane = ControlPlane.start(configuration, testHooks, shutdownRequested);
    try {
      gatewayPlane =
          GatewayPlane.start(
              configuration, gatewayData, controlPlane.link(), Set.of(controlPlane.port()));
    } catch (IOException | RuntimeException e) {
      controlPlane.close();
      throw e;
    }
    controlPlane.listeningPorts().add(gatewayPlane.port());
    readyFile.write(Optional.of(gateway()), Optional.of(control()), Optional.of(adminKeyFile()));
  }

  /// @param shutdownRequested whether the process is shutting down
  static SingleProcess start(
      Configuration configuration, TestHooks testHooks, BooleanSupplier shutdownRequested)
      throws IOException {
    return new SingleProcess(configuration, testHooks, shutdownRequested);
  }

  /// The URL.
  String gateway() {
    return gatewayPlane.url();
  }

  /// The URL.
  String control() {
    return controlPlane.url();
  }

  /// The CA file for the control API's certificate, if its chain ends in its own CA.
  Optional<Path> ownAuthority() {
    return controlPlane.ownAuthority();
  }

  Path adminKeyFile() {
    return controlPlane.adminKeyFile();
  }

  /// Whether the file contains a key that the control plane accepts.
  boolean accepts(Path keyFile) {
    return controlPlane.accepts(keyFile);
  }

  void announce(PrintStream out) {
    out.println("gateway   " + gateway() + "/v1   (OpenAI-compatible)");
    out.println("control   " + control());
    out.println(KeyFiles.line(adminKeyFile(), this::accepts));
    out.flush();
  }

  /// Rejects new requests, drains streams, then closes the control plane.
  @Override
  public void close() {
    readyFile.remove();
    gatewayPlane.close();
    controlPlane.close();
  }
}
