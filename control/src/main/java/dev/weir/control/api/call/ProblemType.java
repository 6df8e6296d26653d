// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

/// The ways in which a call can fail, each with its stable name and status.
public enum ProblemType {
  MALFORMED("malformed", 400, "The request cannot be read"),
  UNAUTHENTICATED("unauthenticated", 401, "No valid key was given"),
  FORBIDDEN("forbidden", 403, "The caller lacks the permission"),
  NOT_FOUND("not-found", 404, "Not found"),
  METHOD_NOT_ALLOWED("method-not-allowed", 405, "The path does not support this method"),
  TIMEOUT("timeout", 408, "The request did not arrive in time"),
  CONFLICT("conflict", 409, "The state does not allow it"),
  GONE("gone", 410, "The requested history has expired"),
  PRECONDITION_FAILED("precondition-failed", 412, "The resource has another revision"),
  TOO_LARGE("too-large", 413, "The request is too large"),
  INVALID("invalid", 422, "The input is invalid"),
  KEY_REUSED("idempotency-key-reused", 422, "The Idempotency-Key was used for another request"),
  INTERNAL("internal", 500, "Weir failed"),
  OVERLOADED("overloaded", 503, "The control plane is overloaded"),
  STORE_UNAVAILABLE("store-unavailable", 503, "The store is unavailable"),
  STORE_FULL("store-full", 507, "The store's disk is full");

  private static final String BASE = "https://weir.dev/problems/";

  private final String slug;
  private final int status;
  private final String title;

  ProblemType(String slug, int status, String title) {
    this.slug = slug;
    this.status = status;
    this.title = title;
  }

  /// The `type` member, which never changes.
  public String uri() {
    return BASE + slug;
  }

  public int status() {
    return status;
  }

  /// Whether the response has `Retry-After`.
  public boolean hasRetryAfter() {
    return status == 429 || status == 503 || status == 507;
  }

  public String title() {
    return title;
  }

  /// What the caller does about it, in one sentence.
  public String remedy() {
    return switch (this) {
      case MALFORMED -> "Correct the syntax of the request as `detail` describes.";
      case UNAUTHENTICATED ->
          "Send `Authorization: Bearer KEY` with a key that is neither revoked nor expired.";
      case FORBIDDEN -> "Use a key of a principal with the role that `detail` names.";
      case NOT_FOUND -> "Check the path, the namespace and the name.";
      case METHOD_NOT_ALLOWED -> "Use one of the methods in the header `Allow`.";
      case TIMEOUT -> "Send the request again; send its body without pauses.";
      case CONFLICT ->
          "Read the resource, resolve what `detail` describes, and send the request again.";
      case GONE -> "List the resources again and continue from the revision of the list.";
      case PRECONDITION_FAILED ->
          "Read the resource and repeat the change with its current revision.";
      case TOO_LARGE -> "Split the request into smaller ones.";
      case INVALID -> "Correct each field that `errors` names.";
      case KEY_REUSED -> "Use a new `Idempotency-Key` for a different request.";
      case INTERNAL -> "Retry; if it persists, search the control plane's log for the request id.";
      case OVERLOADED -> "Retry after the time in the header `Retry-After`.";
      case STORE_UNAVAILABLE ->
          "Retry after the time in the header `Retry-After`; if it persists, run `weir doctor` on the host of the control plane.";
      case STORE_FULL -> "Free space on the disk of the data folder, then retry.";
    };
  }

  /// The type for a status that the HTTP server itself sent.
  public static ProblemType ofStatus(int status) {
    return switch (status) {
      case 404 -> NOT_FOUND;
      case 408 -> TIMEOUT;
      case 413, 414, 431 -> TOO_LARGE;
      case 503 -> OVERLOADED;
      default -> status < 500 ? MALFORMED : INTERNAL;
    };
  }
}
