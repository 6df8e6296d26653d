// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import dev.weir.control.audit.Witness;
import dev.weir.control.audit.WitnessMemory;
import dev.weir.server.configuration.UsageException;
import dev.weir.snapshot.StoreHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// `audit-witnesses.json` in the data folder: the heads of the audit log that gateways received,
/// stored outside the database of the log.
public final class WitnessFile implements WitnessMemory {
  static final String NAME = "audit-witnesses.json";

  private static final Logger LOG = LoggerFactory.getLogger(WitnessFile.class);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final long MAX_BYTES = 1 << 20;

  private final Path file;

  public WitnessFile(Path data) {
    this.file = data.resolve(NAME);
  }

  /// @param at ISO-8601
  private record Line(String gateway, String store, long entry, String hash, String at) {
    static Line of(Witness witness) {
      StoreHead head = witness.head();
      return new Line(
          witness.gateway(),
          head.id(),
          head.auditSequence(),
          head.auditHead(),
          witness.at().toString());
    }

    Witness witness() {
      return new Witness(gateway, new StoreHead(store, entry, hash), Instant.parse(at));
    }
  }

  @Override
  public List<Witness> load() {
    try {
      if (Files.size(file) > MAX_BYTES) {
        return unusable("it is larger than " + MAX_BYTES + " bytes");
      }
      Line[] lines = JSON.readValue(Files.readAllBytes(file), Line[].class);
      return List.of(lines).stream().map(Line::witness).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      return unusable(UsageException.why(e));
    } catch (JacksonException | IllegalArgumentException | java.time.DateTimeException e) {
      return unusable("it is damaged");
    }
  }

  private List<Witness> unusable(String why) {
    LOG.atError()
        .addKeyValue("event", "audit.witnesses.unusable")
        .addKeyValue("file", file)
        .addKeyValue("reason", why)
        .log(
            "The file of audit witnesses is unusable; only connected gateways witness "
                + "the audit log");
    return List.of();
  }

  @Override
  public void save(List<Witness> witnesses) throws IOException {
    PrivateFiles.replace(
        file, JSON.writeValueAsString(witnesses.stream().map(Line::of).toList()) + "\n");
  }
}
