// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `./weir` itself, in a checkout whose Maven and Java are scripts that say what they were asked.
@Timeout(120)
class LauncherTest {
  /// Creates the jar that the launcher expects and counts its runs. Fails when there is a file
  /// `bad`.
  private static final String MAVEN =
      """
      #!/usr/bin/env bash
      echo run >>"$PWD/maven-runs"
      [ -e "$PWD/bad" ] && { echo "COMPILATION ERROR" >&2; exit 1; }
      for arg in "$@"; do case "$arg" in -Dweir.assembly=*) to="${arg#*=}" ;; esac; done
      mkdir -p "$to/lib" && echo jar >"$to/lib/weir-server-1.jar"
      """;

  /// Prints its arguments. The command `up` runs until its input ends.
  private static final String JAVA =
      """
      #!/usr/bin/env bash
      printf '%s\\n' "$@"
      case " $* " in *" up "*) read -r _ || true ;; esac
      """;

  @TempDir Path folder;
  private Path checkout;
  private Path javaHome;
  private Path tools;

  private record Ran(int status, List<String> out, String err) {
    /// The folder of the build that was started.
    Path build() {
      String jar =
          out.stream().filter(line -> line.endsWith("weir-server-1.jar")).findFirst().orElseThrow();
      return buildOf(Path.of(jar));
    }
  }

  private static Path buildOf(Path jar) {
    return jar.resolve("../..").normalize();
  }

  @BeforeEach
  void checkOut() throws IOException {
    checkout = Files.createDirectories(folder.resolve("a check out"));
    javaHome = folder.resolve("the tools");
    tools = Files.createDirectories(javaHome.resolve("bin"));
    Path real = WeirProcess.launcher();
    copy(real, checkout.resolve("weir"));
    copy(
        real.resolveSibling("deploy/toolchain.sh"),
        Files.createDirectory(checkout.resolve("deploy")).resolve("toolchain.sh"));
    Files.createDirectories(checkout.resolve("server/src/main"));
    source("Old.java", -100);
    Files.writeString(checkout.resolve("pom.xml"), "");
    Files.writeString(checkout.resolve("server/pom.xml"), "");
    script("mvn", MAVEN);
    script("java", JAVA);
    script("javac", "#!/usr/bin/env bash\n");
    Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"25\"\n");
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void script(String name, String text) throws IOException {
    Path file = Files.writeString(tools.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// A source that is so much newer than the newest build, or older.
  private void source(String name, int seconds) throws IOException {
    Path file = Files.writeString(checkout.resolve("server/src/main").resolve(name), "");
    Files.setLastModifiedTime(
        file, FileTime.fromMillis(System.currentTimeMillis() + seconds * 1_000L));
  }

  private void changeSources() throws IOException {
    try (Stream<Path> builds = Files.list(checkout.resolve("server/target/builds"))) {
      for (Path stamp :
          builds.map(build -> build.resolve("built")).filter(Files::exists).toList()) {
        Files.setLastModifiedTime(stamp, FileTime.fromMillis(0));
      }
    }
  }

  private Process start(String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(checkout.resolve("weir").toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", javaHome.toString());
    builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
    builder.environment().remove("WEIR_NO_BUILD");
    return builder.start();
  }

  private Ran run(String... args) throws IOException, InterruptedException {
    Process process = start(args);
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
    List<String> out = text(process.getInputStream()).lines().toList();
    return new Ran(process.waitFor(), out, err.join());
  }

  private static String text(InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int mavenRuns() throws IOException {
    return Files.readAllLines(checkout.resolve("maven-runs")).size();
  }

  @Test
  void a_checkout_with_a_space_in_its_path_builds_once_and_passes_arguments_on() throws Exception {
    assertThat(run("get", "services", "two words").out()).endsWith("get", "services", "two words");
    assertThat(run("version").out()).endsWith("version");
    assertThat(mavenRuns()).isEqualTo(1);
  }

  @Test
  void a_build_leaves_the_running_one_alone_until_it_has_ended() throws Exception {
    Process up = start("up");
    Path running;
    Path second;
    try (BufferedReader said = up.inputReader()) {
      running =
          said.lines()
              .filter(line -> line.endsWith(".jar"))
              .map(Path::of)
              .findFirst()
              .orElseThrow();
      changeSources();
      second = run("version").build();
      changeSources();
      Path third = run("version").build();
      assertThat(second).isNotEqualTo(third).isNotEqualTo(buildOf(running));
      assertThat(running).exists();
      up.getOutputStream().close();
      up.waitFor();
    }
    changeSources();
    assertThat(run("version").status()).isZero();
    assertThat(running).doesNotExist();
    assertThat(second).doesNotExist();
  }

  @Test
  void a_failed_build_says_so_and_the_old_one_works_on() throws Exception {
    Path old = run("version").build();
    Files.writeString(checkout.resolve("bad"), "");
    changeSources();
    Ran ran = run("version");
    assertThat(ran.status()).isZero();
    assertThat(ran.err()).contains("COMPILATION ERROR", "the build failed", "your latest changes");
    assertThat(ran.build()).isEqualTo(old);
    assertThat(run("--build-only").status()).isEqualTo(1);
    Files.delete(checkout.resolve("bad"));
    assertThat(run("version").build()).isNotEqualTo(old);
  }

  @Test
  void two_starts_at_once_build_once() throws Exception {
    Process one = start("version");
    Process two = start("version");
    assertThat(text(one.getInputStream())).contains("weir-server-1.jar");
    assertThat(text(two.getInputStream())).contains("weir-server-1.jar");
    assertThat(one.waitFor() + two.waitFor()).isZero();
    assertThat(mavenRuns()).isEqualTo(1);
  }

  @Test
  void without_a_build_a_start_that_may_not_build_says_what_to_do() throws Exception {
    ProcessBuilder builder = new ProcessBuilder(checkout.resolve("weir").toString(), "version");
    builder.environment().put("JAVA_HOME", javaHome.toString());
    builder.environment().put("WEIR_NO_BUILD", "1");
    Process refused = builder.start();
    assertThat(text(refused.getErrorStream())).contains("no build exists", "--build-only");
    assertThat(refused.waitFor()).isEqualTo(1);
  }
}
