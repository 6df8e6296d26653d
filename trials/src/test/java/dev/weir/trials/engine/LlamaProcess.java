// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/// How an engine process is started.
public final class LlamaProcess {
  private final Path folder;
  private final Path model;
  private final Path library;

  /// It cannot run on this machine.
  public static final class CannotRunException extends Exception {
    private static final long serialVersionUID = 1L;

    CannotRunException(String why) {
      super(why);
    }
  }

  /// @param folder of the trial
  /// @param model the GGUF file
  /// @throws CannotRunException when there is no such library for this machine
  public LlamaProcess(Path folder, Path model) throws IOException, CannotRunException {
    this.folder = folder;
    this.model = model.toAbsolutePath();
    this.library = unpack(folder);
  }

  /// Once for all: engines that unpack into one place at the same time break each other.
  private static Path unpack(Path folder) throws IOException, CannotRunException {
    String name = "/de/kherud/llama/Linux/x86_64/libjllama.so";
    Class<?> home;
    try {
      home = LlamaLibrary.home();
    } catch (IllegalStateException e) {
      throw new CannotRunException(String.valueOf(e.getMessage()));
    }
    try (InputStream in = home.getResourceAsStream(name)) {
      if (in == null) {
        throw new CannotRunException("the binding has no " + name);
      }
      Path file = folder.resolve("libjllama.so");
      Files.copy(in, file);
      return file;
    }
  }

  /// The one program that engines are.
  public String program() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /// @param port a number or `{port}`
  public List<String> command(String port) {
    return List.of(
        program(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx64m",
        "--enable-native-access=ALL-UNNAMED",
        "-Dde.kherud.llama.lib.path=" + library.getParent(),
        "-cp",
        classPath(),
        LlamaServer.class.getName(),
        "--port",
        port,
        "--model-file",
        model.toString());
  }

  private static String classPath() {
    return Stream.of(
            LlamaServer.class,
            LlamaLibrary.home(),
            JsonNode.class,
            JsonParser.class,
            JsonFormat.class)
        .map(LlamaProcess::home)
        .distinct()
        .collect(Collectors.joining(":"));
  }

  private static String home(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// An engine of the trial's own, beside Weir.
  ///
  /// @param more options of [LlamaServer]
  /// @throws CannotRunException with what it said, when it ends before it listens
  public Running start(List<String> more) throws IOException, CannotRunException {
    Path errors = folder.resolve("reference.err");
    List<String> command = new ArrayList<>(command("0"));
    command.addAll(more);
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("listening on port ")) {
        return new Running(process, line.substring("listening on port ".length()).strip());
      }
    }
    throw new CannotRunException(
        Files.readAllLines(errors).stream().limit(5).collect(Collectors.joining(" | ")));
  }

  /// A running engine.
  public record Running(Process process, String port) implements AutoCloseable {
    public String url() {
      return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
