// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.regex.Pattern;

/// A query from the control plane to all connected gateways, for data that only they have and that
/// is needed too rarely for telemetry.
///
/// @param id id of this question, unique across restarts of the control plane
/// @param kind kind of question, such as `explain`: lower-case letters, digits and hyphens
/// @param subject subject of the question, at most [#MAX_SUBJECT] characters
public record Question(String id, String kind, String subject) {
  public static final int MAX_SUBJECT = 1024;

  private static final Pattern ID = Pattern.compile("[0-9a-f]{1,32}");
  private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9-]{0,39}");

  public Question {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "a question's id must be 1 to 32 hex digits: '" + id + "'");
    }
    if (!KIND.matcher(kind).matches()) {
      throw new IllegalArgumentException(
          "a question's kind must be 1 to 40 of a-z 0-9 - and start with a letter: '" + kind + "'");
    }
    if (subject.length() > MAX_SUBJECT) {
      throw new IllegalArgumentException(
          "a question's subject must have at most %d characters, not %d"
              .formatted(MAX_SUBJECT, subject.length()));
    }
  }
}
