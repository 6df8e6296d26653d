// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.lifecycle.Event;
import dev.weir.runtime.lifecycle.Exit;
import dev.weir.runtime.lifecycle.Host;
import dev.weir.runtime.lifecycle.Life.Memory;
import dev.weir.runtime.process.ProcessTable.Entry;
import dev.weir.runtime.process.ProcessTable.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One replica's processes.
final class ProcessHost implements Host {
  /// Where children listen.
  static final String ADDRESS = "127.0.0.1";

  private static final Logger LOG = LoggerFactory.getLogger(ProcessHost.class);

  private final ReplicaIntent intent;
  private final ProcessProviderOptions options;
  private final List<String> allowedCommands;
  private final Ports ports;
  private final Records records;
  private final EngineLog log;

  private @Nullable LaunchRecord record;
  private @Nullable Process child;
  private @Nullable Identity leader;

  ProcessHost(
      ReplicaIntent intent,
      ProcessProviderOptions options,
      List<String> allowedCommands,
      Ports ports,
      Records records) {
    this.intent = intent;
    this.options = options;
    this.allowedCommands = allowedCommands;
    this.ports = ports;
    this.records = records;
    this.log = new EngineLog(records.log(), options.maxLogBytes());
  }

  /// Takes over what an earlier process of Weir wrote down and, when it still runs, started.
  void adopt(LaunchRecord found, Optional<Identity> process) {
    record = found;
    leader = process.orElse(null);
    if (process.isPresent()) {
      ports.keep(found.port());
    }
  }

  @Override
  public Event start(Memory memory) {
    Optional<LaunchRecord> old = Optional.ofNullable(record);
    old.ifPresent(launch -> ports.giveBack(launch.port()));
    String launchId = UUID.randomUUID().toString();
    int port = ports.take();
    LaunchRecord launch =
        new LaunchRecord(
            intent,
            launchId,
            ProcessTable.bootId(),
            port,
            options.clock().instant().truncatedTo(ChronoUnit.MILLIS),
            memory);
    record = launch;
    records.write(launch);
    // The fence is up: what an older launch still brings forth ends by itself, and what it brought
    // forth before can be seen.
    old.ifPresent(this::endLeftovers);
    return switch (EngineCommand.of(intent, options, allowedCommands, port)) {
      case EngineCommand.Refused refused -> new Event.StartFailed(refused.reason(), true);
      case EngineCommand.Allowed command -> spawn(command.argv(), launch);
    };
  }

  private Event spawn(List<String> argv, LaunchRecord launch) {
    return switch (ChildEnvironment.of(
        intent.engine().env(), options.environment(), launch.launchId())) {
      case ChildEnvironment.Unresolved unresolved ->
          new Event.StartFailed(unresolved.reason(), true);
      case ChildEnvironment.Resolved environment -> {
        log.mark();
        try {
          Process started =
              Launcher.spawn(argv, environment.variables(), records, launch.launchId(), log.file());
          child = started;
          leader =
              ProcessTable.find(started.pid())
                  .map(Entry::identity)
                  .orElse(new Identity(started.pid(), -1));
          yield new Event.Started(
              "started, pid " + started.pid() + ", port " + launch.port() + "; not answering yet");
        } catch (IOException e) {
          yield new Event.StartFailed("cannot start: " + e.getMessage(), false);
        }
      }
    };
  }

  /// Kills what is left of an older launch, wherever it went.
  private void endLeftovers(LaunchRecord old) {
    for (Entry entry : Adoption.members(records, old)) {
      Launcher.signal(entry.group(), true);
    }
    records.forgetProcess(old.launchId());
  }

  @Override
  public Optional<Exit> exit() {
    if (child != null) {
      return child.isAlive()
          ? Optional.empty()
          : Optional.of(exit(OptionalInt.of(child.exitValue())));
    }
    return leader != null && ProcessTable.alive(leader)
        ? Optional.empty()
        : Optional.of(exit(OptionalInt.empty()));
  }

  private Exit exit(OptionalInt code) {
    boolean portTaken = log.tail().toLowerCase(Locale.ROOT).contains("address already in use");
    return new Exit(code, portTaken, log.lastWords());
  }

  @Override
  public void signal(boolean kill) {
    members().stream().map(Entry::group).distinct().forEach(group -> Launcher.signal(group, kill));
  }

  /// Forgets the process with its last relative: from then on its pid may be anybody's.
  @Override
  public boolean gone() {
    if (!members().isEmpty()) {
      return false;
    }
    leader = null;
    child = null;
    return true;
  }

  /// The group is the leader's pid, which no other process gets as long as the group has members.
  private List<Entry> members() {
    if (leader != null) {
      return ProcessTable.group(leader.pid());
    }
    return record == null ? List.of() : Adoption.members(records, record);
  }

  /// A disk that is full must not keep a replica from being stopped; what is lost then is lost only
  /// if Weir dies too, and is wanted again by its owner.
  @Override
  public void remember(Memory memory) {
    if (record == null) {
      return;
    }
    record = record.with(memory);
    try {
      records.write(record);
    } catch (UncheckedIOException e) {
      LOG.warn("replica record not written replica={} error={}", intent.name(), e.toString());
    }
  }

  @Override
  public void forget() {
    if (record != null) {
      ports.giveBack(record.port());
    }
    records.remove();
  }

  @Override
  public void tidy() {
    log.rotate();
  }

  @Override
  public String progress() {
    return log.lastLine();
  }

  @Override
  public Optional<URI> endpoint() {
    return record == null
        ? Optional.empty()
        : Optional.of(URI.create("http://" + ADDRESS + ":" + record.port()));
  }

  @Override
  public Optional<Long> pid() {
    return Optional.ofNullable(leader).map(Identity::pid);
  }

  @Override
  public void onExit(Runnable wake) {
    if (child != null) {
      var _ = child.onExit().thenRun(wake);
    }
  }
}
