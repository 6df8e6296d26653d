// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.model.codec.EngineProfiles;
import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.ReplicaLog;
import dev.weir.runtime.lifecycle.ReplicaMachine;
import dev.weir.runtime.lifecycle.ReplicaParts;
import dev.weir.runtime.lifecycle.SupervisedProvider;
import dev.weir.runtime.probe.GenerationProbe;
import dev.weir.runtime.process.ProcessTable.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Replicas as processes on this machine. Closing leaves them running; opening the same folder
/// adopts them.
public final class ProcessProvider extends SupervisedProvider {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessProvider.class);

  private final ProcessProviderOptions options;
  private final Path folder;
  private final List<String> allowedCommands;
  private final Ports ports = new Ports();
  private final ProcessSnapshotCache processSnapshotCache;
  private final HttpClient client = GenerationProbe.newClient();

  private ProcessProvider(
      ProcessProviderOptions options, Path folder, List<String> allowedCommands) {
    super(options.timing(), options.clock());
    this.options = options;
    this.folder = folder;
    this.allowedCommands = List.copyOf(allowedCommands);
    this.processSnapshotCache = new ProcessSnapshotCache(options.table(), options.nanos());
  }

  /// @param folder the Target's folder; providers must not share folders
  /// @param allowedCommands allowed programs besides the simulator (exact `argv[0]`)
  static ProcessProvider open(
      ProcessProviderOptions options, Path folder, List<String> allowedCommands) {
    ProcessProvider provider = new ProcessProvider(options, folder, allowedCommands);
    try {
      Files.createDirectories(folder);
      provider.adoptAll();
      return provider;
    } catch (IOException e) {
      provider.close();
      throw new UncheckedIOException("cannot use " + folder + " for processes", e);
    }
  }

  private void adoptAll() throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, Files::isDirectory)) {
      for (Path each : folders) {
        adopt(ReplicaFolder.at(each.toAbsolutePath()));
      }
    }
  }

  private void adopt(ReplicaFolder replicaFolder) {
    try {
      Optional<LaunchRecord> found = replicaFolder.read();
      if (found.isPresent()) {
        LaunchRecord record = found.get();
        ProcessAdoption adoption = ProcessAdoption.of(processSnapshotCache, replicaFolder, record);
        Optional<Identity> process = adoption.process();
        ProcessHost host = host(record.intent(), replicaFolder);
        host.adopt(record, process);
        supervisors()
            .adopt(replica(record.intent(), host), adoption.life(options.clock().instant()));
        LOG.atInfo()
            .addKeyValue("event", "replica.adopted")
            .addKeyValue("replica", record.intent().name())
            .addKeyValue("pid", process.map(Identity::pid).map(String::valueOf).orElse(""))
            .log("A replica of an earlier process is adopted");
      }
    } catch (IllegalArgumentException e) {
      endUnknown(replicaFolder);
      LOG.atError()
          .addKeyValue("event", "replica.record.unreadable")
          .addKeyValue("file", replicaFolder.folder())
          .addKeyValue("error", e.getMessage())
          .log(
              "The record of a replica cannot be read; its processes are killed and its "
                  + "folder is set aside");
    }
  }

  /// Kills processes whose record is unreadable; the owner starts the replica again if it is still
  /// desired.
  private void endUnknown(ReplicaFolder replicaFolder) {
    ProcessSnapshotCache.View view = processSnapshotCache.now();
    Launcher.signal(
        view,
        new ProcessGroup(replicaFolder).of(view, Optional.empty(), Set.of()),
        options.table(),
        true);
    replicaFolder.setAside();
  }

  @Override
  public void ensure(ReplicaIntent intent) {
    supervisors()
        .ensure(
            intent.name(),
            () ->
                replica(
                    intent,
                    host(intent, ReplicaFolder.of(folder.toAbsolutePath(), intent.name()))));
  }

  private ProcessHost host(ReplicaIntent intent, ReplicaFolder replicaFolder) {
    return new ProcessHost(
        intent, options, allowedCommands, ports, processSnapshotCache, replicaFolder);
  }

  private ReplicaParts replica(ReplicaIntent intent, ProcessHost host) {
    return new ReplicaParts(
        intent.name(),
        intent.specHash(),
        host,
        new GenerationProbe(
            client,
            EngineProfiles.of(intent.engine()),
            intent.servedModel(),
            options.probeLimits()),
        new ReplicaMachine(intent.startupTimeout(), intent.warmUpRequests(), options.timing()));
  }

  @Override
  public Optional<ReplicaLog> log(ReplicaName name, int lines, boolean previous) {
    Path file = log(name);
    return Files.exists(file)
        ? Optional.of(LogReader.open(file, lines, previous))
        : Optional.empty();
  }

  /// The log file of a replica; the rotated file has the suffix `.1`.
  public Path log(ReplicaName name) {
    return ReplicaFolder.of(folder.toAbsolutePath(), name).log();
  }

  @Override
  public void close() {
    supervisors().close();
    client.shutdownNow();
  }
}
