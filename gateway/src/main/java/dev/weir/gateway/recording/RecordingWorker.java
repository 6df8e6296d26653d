// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.recording.Recordings.RecordingTask;
import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stores recordings, one file per service, and fetches them. All slow work runs on one thread.
///
/// The file of a service that no longer requests recordings, or no longer exists, is deleted.
/// Recordings sealed with another key remain until they exceed the limits; they are counted, but
/// cannot be read.
public final class RecordingWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordingWorker.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
  private static final long CLEANUP_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final String SUFFIX = ".ring";

  private final Recordings recordings;
  private final Path folder;
  private final Supplier<IndexedSnapshot> current;
  private final KeyFinder keys;
  private final SecureRandom random;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Map<String, ServiceRecordings> open = new HashMap<>();
  private final Set<String> problemLogged = new HashSet<>();

  /// Services whose file failed since the last cleanup, so that a full disk is not retried at each
  /// request.
  private final Set<String> failing = new HashSet<>();

  private final Thread thread;
  private long nextCleanupNanos;
  private volatile boolean closing;

  /// Starts its thread.
  ///
  /// @param folder of this gateway, created when needed
  /// @param current the snapshot that configures which services are recorded
  /// @param environment variables for keys of kind `env:NAME`
  public RecordingWorker(
      Recordings recordings,
      Path folder,
      Supplier<IndexedSnapshot> current,
      Map<String, String> environment,
      SecureRandom random,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.recordings = recordings;
    this.folder = folder;
    this.current = current;
    this.keys = new KeyFinder(environment, random);
    this.random = random;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.nextCleanupNanos = nanoTime.getAsLong();
    this.thread = Thread.ofPlatform().daemon().name("recordings").start(this::run);
  }

  private void run() {
    try {
      while (!closing) {
        RecordingTask next = recordings.recordingTasks().poll(100, TimeUnit.MILLISECONDS);
        if (next != null) {
          process(next);
        }
        cleanUpPeriodically();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.values().forEach(RecordingWorker::closeQuietly);
    }
  }

  private void process(RecordingTask recordingTask) {
    switch (recordingTask) {
      case RecordingTask.Keep keep -> keep(keep);
      case RecordingTask.Fetch fetch -> fetch(fetch);
    }
  }

  private void keep(RecordingTask.Keep task) {
    if (failing.contains(task.service())) {
      recordings.countOutcome(ServiceRecordings.Outcome.OFF);
      return;
    }
    try {
      ServiceRecordings serviceRecordings = serviceRecordings(task.service(), task.rules());
      recordings.countOutcome(
          serviceRecordings.keep(task.path(), task.body().array(), task.atMillis()));
    } catch (IOException e) {
      recordings.countOutcome(ServiceRecordings.Outcome.OFF);
      failed(task.service(), e);
    }
  }

  private void fetch(RecordingTask.Fetch task) {
    String service = task.service();
    List<RecordedRequest> fetched = new ArrayList<>();
    try {
      fetched.addAll(
          serviceRecordings(service, task.rules())
              .sample(Recordings.STOCK, task.rollout(), clock.millis(), random));
    } catch (IOException e) {
      failed(service, e);
    }
    recordings.stock(service, task.rollout(), fetched);
  }

  /// The next cleanup reopens the file.
  private void failed(String service, IOException e) {
    LOG.atWarn()
        .addKeyValue("event", "recording.failed")
        .addKeyValue("service", service)
        .addKeyValue("error", e.toString())
        .log("Requests of a Service cannot be recorded");
    failing.add(service);
    Optional.ofNullable(open.remove(service)).ifPresent(RecordingWorker::closeQuietly);
  }

  private static void closeQuietly(ServiceRecordings serviceRecordings) {
    try {
      serviceRecordings.close();
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "recording.close.failed")
          .addKeyValue("error", e.toString())
          .log("A recording did not close");
    }
  }

  private ServiceRecordings serviceRecordings(String service, Recording rules) throws IOException {
    ServiceRecordings known = open.get(service);
    if (known != null && known.rules().equals(rules)) {
      return known;
    }
    if (known != null) {
      open.remove(service);
      known.close();
    }
    createFolder();
    ServiceRecordings created =
        new ServiceRecordings(
            service, rules, folder.resolve(name(service)), keys.find(rules.key()));
    if (created.damaged() > 0) {
      LOG.atWarn()
          .addKeyValue("event", "recording.damaged")
          .addKeyValue("service", service)
          .addKeyValue("count", created.damaged())
          .log("A recording has damaged parts; they are skipped");
    }
    open.put(service, created);
    return created;
  }

  private void createFolder() throws IOException {
    boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    Files.createDirectories(folder, ownerOnly);
  }

  /// A file name derived from the service, whose own name may contain any characters.
  static String name(String service) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(service.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16) + SUFFIX;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  // --- periodic cleanup

  private void cleanUpPeriodically() {
    if (nanoTime.getAsLong() - nextCleanupNanos >= 0 && current.get().sequence() > 0) {
      nextCleanupNanos = nanoTime.getAsLong() + CLEANUP_NANOS;
      cleanUp();
    }
  }

  private void cleanUp() {
    Map<String, Recording> recorded = new TreeMap<>();
    for (ServiceEntry service : current.get().snapshot().services()) {
      if (!service.recording().key().isEmpty()) {
        recorded.put(service.id(), service.recording());
      }
    }
    failing.clear();
    recorded.forEach(this::applyRules);
    deleteUnwanted(recorded);
    recordings.retain(recorded.keySet());
    problemLogged.retainAll(recorded.keySet());
  }

  private void applyRules(String service, Recording rules) {
    try {
      ServiceRecordings serviceRecordings = serviceRecordings(service, rules);
      Optional<String> before = serviceRecordings.problem();
      serviceRecordings.key(keys.find(rules.key()));
      serviceRecordings.trim(clock.millis());
      recordings.problem(service, serviceRecordings.problem());
      int readable = serviceRecordings.readable();
      recordings.setStored(
          service, new Recordings.Held(readable, serviceRecordings.size() - readable));
      logKeyChange(service, before, serviceRecordings.problem());
    } catch (IOException e) {
      failed(service, e);
    }
  }

  private void logKeyChange(String service, Optional<String> before, Optional<String> now) {
    if (now.isPresent() && problemLogged.add(service)) {
      LOG.atWarn()
          .addKeyValue("event", "recording.off")
          .addKeyValue("service", service)
          .addKeyValue("field", "spec.traffic.recording.key")
          .addKeyValue("reason", now.get())
          .log("Requests of a Service are not recorded, because the key is unusable");
    } else if (now.isEmpty() && before.isPresent() && problemLogged.remove(service)) {
      LOG.atInfo()
          .addKeyValue("event", "recording.on")
          .addKeyValue("service", service)
          .log("Requests of a Service are recorded");
    }
  }

  /// Deletes recordings of services that no longer request them.
  private void deleteUnwanted(Map<String, Recording> recorded) {
    open.entrySet()
        .removeIf(entry -> {
          boolean unwanted = !recorded.containsKey(entry.getKey());
          if (unwanted) {
            closeQuietly(entry.getValue());
          }
          return unwanted;
        });
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<String> names = recorded.keySet().stream().map(RecordingWorker::name).toList();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        if (!names.contains(String.valueOf(file.getFileName()))) {
          Files.deleteIfExists(file);
          LOG.atInfo()
              .addKeyValue("event", "recording.deleted")
              .addKeyValue("file", file.getFileName())
              .log("A recording that no Service requests is deleted");
        }
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "recording.delete.failed")
          .addKeyValue("error", e.toString())
          .log("Recordings cannot be deleted");
    }
  }

  /// Finishes the current task; waiting tasks are dropped.
  @Override
  public void close() {
    closing = true;
    try {
      if (!thread.join(CLOSE_WAIT)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
