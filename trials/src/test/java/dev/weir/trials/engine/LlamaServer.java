// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A real engine behind as much of OpenAI's API as the trials need, in a process of its own.
///
/// `--port N --model-file FILE [--pace-millis N] [--temperature T] [--bug drop-at-seam]`
public final class LlamaServer {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_REMEMBERED = 16;

  /// Part of the id and time of each answer, so that answers of different processes differ.
  private static final long PID = ProcessHandle.current().pid();

  private final LlamaEngine engine;
  private final float temperature;
  private final boolean dropsAtSeam;
  private final AtomicInteger ids = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final Deque<String> requests = new ArrayDeque<>();

  private LlamaServer(LlamaEngine engine, float temperature, boolean dropsAtSeam) {
    this.engine = engine;
    this.temperature = temperature;
    this.dropsAtSeam = dropsAtSeam;
  }

  public static void main(String[] args) throws IOException {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      given.put(args[i], args[i + 1]);
    }
    LlamaServer server =
        new LlamaServer(
            new LlamaEngine(
                Path.of(given.get("--model-file")),
                Duration.ofMillis(Long.parseLong(given.getOrDefault("--pace-millis", "0")))),
            Float.parseFloat(given.getOrDefault("--temperature", "0")),
            given.getOrDefault("--bug", "").equals("drop-at-seam"));
    System.out.println("listening on port " + server.listen(Integer.parseInt(given.get("--port"))));
  }

  private int listen(int port) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
    // Platform threads: the engine's calls block in native code.
    http.setExecutor(Executors.newFixedThreadPool(16));
    http.createContext("/health", exchange -> answer(exchange, 200, "{\"status\":\"ok\"}"));
    http.createContext(
        "/v1/models",
        exchange -> answer(exchange, 200, "{\"object\":\"list\",\"data\":[{\"id\":\"story\"}]}"));
    // As llama.cpp's own server with --metrics.
    http.createContext(
        "/props",
        exchange ->
            answer(exchange, 200, "{\"build_info\":\"b9000-trial\",\"is_sleeping\":false}"));
    http.createContext(
        "/metrics",
        exchange ->
            answer(
                exchange,
                200,
                "llamacpp:requests_processing "
                    + running.get()
                    + "\nllamacpp:requests_deferred 0\n"));
    http.createContext("/v1/completions", exchange -> generate(exchange, false));
    http.createContext("/v1/chat/completions", exchange -> generate(exchange, true));
    http.createContext("/test", this::tell);
    http.start();
    return http.getAddress().getPort();
  }

  /// The counters for the trial: aborted generations, and requests that continued an answer.
  private void tell(HttpExchange exchange) throws IOException {
    ObjectNode state = JSON.createObjectNode().put("cancelled", engine.cancelled());
    synchronized (requests) {
      requests.forEach(state.putArray("requests")::add);
    }
    answer(exchange, 200, state.toString());
  }

  private void generate(HttpExchange exchange, boolean chat) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Asked asked;
    try {
      asked = Asked.read(JSON.readTree(body), chat, temperature);
    } catch (JacksonException | IllegalArgumentException e) {
      answer(exchange, 400, error(e.getMessage()));
      return;
    }
    remember(body);
    Form form = new Form(chat, "gen-" + PID + "-" + ids.incrementAndGet(), asked.model());
    running.incrementAndGet();
    try {
      if (asked.streamed()) {
        stream(exchange, asked, form);
      } else {
        StringBuilder text = new StringBuilder();
        LlamaEngine.Ended ended = engine.generate(asked, seam(asked, text::append));
        answer(exchange, 200, form.whole(text.toString(), ended));
      }
    } finally {
      running.decrementAndGet();
    }
  }

  private void remember(String body) {
    synchronized (requests) {
      requests.addLast(body);
      if (requests.size() > MOST_REMEMBERED) {
        requests.removeFirst();
      }
    }
  }

  /// Where the deliberate bug sits: an engine that is asked to go on forgets one token.
  private LlamaEngine.Sink seam(Asked asked, java.util.function.Consumer<String> out) {
    boolean[] first = {dropsAtSeam && asked.continues()};
    return token -> {
      if (!first[0]) {
        out.accept(token);
      }
      first[0] = false;
      return true;
    };
  }

  private void stream(HttpExchange exchange, Asked asked, Form form) throws IOException {
    exchange.getResponseHeaders().set("content-type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    boolean[] open = {true};
    try (OutputStream out = exchange.getResponseBody()) {
      open[0] = !asked.chat() || send(out, form.role());
      LlamaEngine.Sink seam = seam(asked, token -> open[0] = send(out, form.piece(token)));
      LlamaEngine.Ended ended =
          engine.generate(
              asked,
              token -> {
                boolean _ = seam.token(token);
                return open[0];
              });
      if (open[0] && send(out, form.last(ended))) {
        boolean _ = !asked.usageWanted() || send(out, form.usage(ended));
        boolean _ = send(out, "[DONE]");
      }
    } catch (IOException gone) {
      // The client left; the generation has been given up.
      exchange.close();
    }
  }

  private static boolean send(OutputStream out, String data) {
    try {
      out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String error(@org.jspecify.annotations.Nullable String message) {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("error").put("message", message).put("type", "invalid_request_error");
    return root.toString();
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  /// The shapes of OpenAI's answers.
  private record Form(boolean chat, String id, String model) {
    private ObjectNode head(String object) {
      return JSON.createObjectNode()
          .put("id", id)
          .put("object", object)
          .put("created", 1_700_000_000 + PID)
          .put("model", model);
    }

    private String object(boolean streamed) {
      return chat ? (streamed ? "chat.completion.chunk" : "chat.completion") : "text_completion";
    }

    /// Comes first in a chat, as llama.cpp's own server has it.
    String role() {
      ObjectNode root = head(object(true));
      ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
      choice.putObject("delta").put("role", "assistant").putNull("content");
      choice.putNull("finish_reason");
      return root.toString();
    }

    private String chunk(String text, @org.jspecify.annotations.Nullable String finish) {
      ObjectNode root = head(object(true));
      ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
      if (chat) {
        ObjectNode delta = choice.putObject("delta");
        if (!text.isEmpty()) {
          delta.put("content", text);
        }
      } else {
        choice.put("text", text);
      }
      choice.put("finish_reason", finish);
      return root.toString();
    }

    String piece(String token) {
      return chunk(token, null);
    }

    String last(LlamaEngine.Ended ended) {
      return chunk("", ended.finishReason());
    }

    String usage(LlamaEngine.Ended ended) {
      ObjectNode root = head(object(true));
      root.putArray("choices");
      root.set("usage", usageOf(ended));
      return root.toString();
    }

    String whole(String text, LlamaEngine.Ended ended) {
      ObjectNode root = head(object(false));
      ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
      if (chat) {
        choice.putObject("message").put("role", "assistant").put("content", text);
      } else {
        choice.put("text", text);
      }
      choice.put("finish_reason", ended.finishReason());
      root.set("usage", usageOf(ended));
      return root.toString();
    }

    private static JsonNode usageOf(LlamaEngine.Ended ended) {
      return JSON.createObjectNode()
          .put("prompt_tokens", ended.promptTokens())
          .put("completion_tokens", ended.completionTokens())
          .put("total_tokens", ended.promptTokens() + ended.completionTokens());
    }
  }
}
