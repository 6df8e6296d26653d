// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.WeirApiException;
import dev.weir.model.value.Problem;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.IExitCodeGenerator;

/// User-facing messages of exceptions: what, where, remedy.
public final class ErrorMessages {
  private static final String KEY_SOURCES =
      "give a valid key with WEIR_KEY, --key or `weir context set NAME --server URL --key-file"
          + " FILE`; `./weir up` creates the first key, an administrator creates more with `weir key"
          + " create`";

  private ErrorMessages() {}

  /// One line; several only when several fields are invalid.
  public static String describe(Throwable failure) {
    return switch (failure) {
      case WeirApiException refused when refused.status() == 401 ->
          "the control plane needs a valid API key: " + KEY_SOURCES;
      case WeirApiException refused -> refused(refused);
      case CliException own -> own(own);
      case NoSuchFileException missing -> "file not found: " + missing.getFile();
      case AccessDeniedException denied -> "permission denied: " + denied.getFile();
      case FileSystemException other ->
          Optional.ofNullable(other.getReason()).orElse("failed") + ": " + other.getFile();
      case InterruptedException _ -> "interrupted";
      // An exception with its own exit status formats its own message.
      case RuntimeException own when own instanceof IExitCodeGenerator ->
          TerminalSanitizer.block(message(own));
      default -> TerminalSanitizer.line(message(failure));
    };
  }

  /// Keeps line breaks: lists of field problems have several lines.
  private static String own(CliException own) {
    return TerminalSanitizer.block(message(own));
  }

  private static String message(Throwable failure) {
    return Optional.ofNullable(failure.getMessage())
        .filter(message -> !message.isBlank())
        .orElse(failure.getClass().getSimpleName());
  }

  /// As [#describe(Throwable)]. If the control plane refused the key, it also names the source of
  /// the key.
  ///
  /// @param keySource see [CliSettings#keySource]
  public static String describe(Throwable failure, Optional<String> keySource) {
    return failure instanceof WeirApiException refused
            && refused.status() == 401
            && keySource.isPresent()
        ? "the control plane refused the key "
            + TerminalSanitizer.line(keySource.get())
            + ": it is unknown, revoked or expired, or its principal is disabled; "
            + KEY_SOURCES
        : describe(failure);
  }

  private static String refused(WeirApiException refused) {
    return refused.errors().isEmpty()
        ? TerminalSanitizer.line(message(refused))
        : listed(refused.title(), refused.errors());
  }

  /// Lists all problems, one per line when there are several.
  public static String listed(String title, List<Problem> problems) {
    if (problems.size() == 1) {
      return TerminalSanitizer.line(problems.getFirst().toString());
    }
    return TerminalSanitizer.line(title)
        + ":\n"
        + problems.stream()
            .map(problem -> "  " + TerminalSanitizer.line(problem.toString()))
            .collect(Collectors.joining("\n"));
  }
}
