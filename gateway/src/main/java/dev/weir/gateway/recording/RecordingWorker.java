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

/// Keeps recordings, one file a service, and fetches them: everything that may take time, on one
/// thread.
///
/// A service that wants no recordings any more, or is gone, has its file deleted. What another key
/// sealed stays until it falls out by number or age, and is counted, not read.
public final class RecordingWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordingWorker.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
  private static final long TIDY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final String ENDING = ".ring";

  private final Recordings recordings;
  private final Path folder;
  private final Supplier<IndexedSnapshot> current;
  private final KeyFinder keys;
  private final SecureRandom random;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Map<String, ServiceRecordings> shelves = new HashMap<>();
  private final Set<String> told = new HashSet<>();

  /// Services whose file failed since the last look: a full disk is not tried at each request.
  private final Set<String> failing = new HashSet<>();

  private final Thread thread;
  private long tidyAtNanos;
  private volatile boolean closing;

  /// Starts its thread.
  ///
  /// @param folder of the gateway's own, made when it is needed
  /// @param current the snapshot that says which services want recordings
  /// @param environment where keys of kind `env:NAME` stand
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
    this.tidyAtNanos = nanoTime.getAsLong();
    this.thread = Thread.ofPlatform().daemon().name("recordings").start(this::run);
  }

  private void run() {
    try {
      while (!closing) {
        RecordingTask next = recordings.recordingTasks().poll(100, TimeUnit.MILLISECONDS);
        if (next != null) {
          attend(next);
        }
        cleanUpPeriodically();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      shelves.values().forEach(RecordingWorker::shut);
    }
  }

  private void attend(RecordingTask recordingTask) {
    switch (recordingTask) {
      case RecordingTask.Keep keep -> keep(keep);
      case RecordingTask.Fetch fetch -> fetch(fetch);
    }
  }

  private void keep(RecordingTask.Keep errand) {
    if (failing.contains(errand.service())) {
      recordings.became(ServiceRecordings.Outcome.OFF);
      return;
    }
    try {
      ServiceRecordings serviceRecordings = serviceRecordings(errand.service(), errand.rules());
      recordings.became(
          serviceRecordings.keep(errand.path(), errand.body().array(), errand.atMillis()));
    } catch (IOException e) {
      recordings.became(ServiceRecordings.Outcome.OFF);
      failed(errand.service(), e);
    }
  }

  private void fetch(RecordingTask.Fetch errand) {
    String service = errand.service();
    List<RecordedRequest> fetched = new ArrayList<>();
    try {
      fetched.addAll(
          serviceRecordings(service, errand.rules())
              .some(Recordings.STOCK, errand.rollout(), clock.millis(), random));
    } catch (IOException e) {
      failed(service, e);
    }
    recordings.stock(service, errand.rollout(), fetched);
  }

  /// It is opened anew at the next look.
  private void failed(String service, IOException e) {
    LOG.warn("event=recording.failed service={} why=\"{}\"", service, e.toString());
    failing.add(service);
    Optional.ofNullable(shelves.remove(service)).ifPresent(RecordingWorker::shut);
  }

  private static void shut(ServiceRecordings serviceRecordings) {
    try {
      serviceRecordings.close();
    } catch (IOException e) {
      LOG.warn("event=recording.close.failed why=\"{}\"", e.toString());
    }
  }

  private ServiceRecordings serviceRecordings(String service, Recording rules) throws IOException {
    ServiceRecordings known = shelves.get(service);
    if (known != null && known.rules().equals(rules)) {
      return known;
    }
    if (known != null) {
      shelves.remove(service);
      known.close();
    }
    makeFolder();
    ServiceRecordings made =
        new ServiceRecordings(
            service, rules, folder.resolve(name(service)), keys.find(rules.key()));
    if (made.damaged() > 0) {
      LOG.warn("event=recording.damaged service={} passed_over={}", service, made.damaged());
    }
    shelves.put(service, made);
    return made;
  }

  private void makeFolder() throws IOException {
    boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    Files.createDirectories(folder, ownerOnly);
  }

  /// The name of a service can be anything; the name of a file cannot.
  static String name(String service) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(service.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16) + ENDING;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  // --- now and then

  private void cleanUpPeriodically() {
    if (nanoTime.getAsLong() - tidyAtNanos >= 0 && current.get().sequence() > 0) {
      tidyAtNanos = nanoTime.getAsLong() + TIDY_NANOS;
      cleanUp();
    }
  }

  private void cleanUp() {
    Map<String, Recording> wanted = new TreeMap<>();
    for (ServiceEntry service : current.get().snapshot().services()) {
      if (!service.recording().key().isEmpty()) {
        wanted.put(service.id(), service.recording());
      }
    }
    failing.clear();
    wanted.forEach(this::applyRules);
    forget(wanted);
    recordings.retain(wanted.keySet());
    told.retainAll(wanted.keySet());
  }

  private void applyRules(String service, Recording rules) {
    try {
      ServiceRecordings serviceRecordings = serviceRecordings(service, rules);
      Optional<String> before = serviceRecordings.problem();
      serviceRecordings.key(keys.find(rules.key()));
      serviceRecordings.trim(clock.millis());
      recordings.problem(service, serviceRecordings.problem());
      int readable = serviceRecordings.readable();
      recordings.holds(service, new Recordings.Held(readable, serviceRecordings.size() - readable));
      logKeyChange(service, before, serviceRecordings.problem());
    } catch (IOException e) {
      failed(service, e);
    }
  }

  private void logKeyChange(String service, Optional<String> before, Optional<String> now) {
    if (now.isPresent() && told.add(service)) {
      LOG.warn(
          "event=recording.off service={} field=spec.traffic.recording.key why=\"{}\"",
          service,
          now.get());
    } else if (now.isEmpty() && before.isPresent() && told.remove(service)) {
      LOG.info("event=recording.on service={}", service);
    }
  }

  /// Nobody who said no more finds anything here.
  private void forget(Map<String, Recording> wanted) {
    shelves
        .entrySet()
        .removeIf(entry -> {
          boolean over = !wanted.containsKey(entry.getKey());
          if (over) {
            shut(entry.getValue());
          }
          return over;
        });
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<String> names = wanted.keySet().stream().map(RecordingWorker::name).toList();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + ENDING)) {
      for (Path file : files) {
        if (!names.contains(String.valueOf(file.getFileName()))) {
          Files.deleteIfExists(file);
          LOG.info("event=recording.deleted file={}", file.getFileName());
        }
      }
    } catch (IOException e) {
      LOG.warn("event=recording.delete.failed why=\"{}\"", e.toString());
    }
  }

  /// Ends after what is being done; what waits is not recorded.
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
