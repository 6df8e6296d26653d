// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// `weir.json` in the data folder: the addresses of a running Weir. It is written last and removed
/// on shutdown.
public record ReadyFile(Path file) {
  private static final JsonMapper JSON = JsonMapper.shared();

  public static ReadyFile in(Path data) {
    return new ReadyFile(data.resolve("weir.json"));
  }

  /// @param gateway URL; empty if this process runs no gateway
  /// @param control URL; empty, as is the key file, if this process runs no control plane
  public void write(Optional<String> gateway, Optional<String> control, Optional<Path> adminKeyFile)
      throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    gateway.ifPresent(url -> fields.put("gateway", url));
    control.ifPresent(url -> fields.put("control", url));
    fields.put("pid", ProcessHandle.current().pid());
    adminKeyFile.ifPresent(path -> fields.put("adminKeyFile", path.toString()));
    PrivateFiles.replace(
        file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n");
  }

  public void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // A stale file names a pid that no longer exists; the next start replaces it.
    }
  }
}
