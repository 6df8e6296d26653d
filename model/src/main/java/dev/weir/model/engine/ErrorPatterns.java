// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.engine;

import dev.weir.model.value.Default;
import java.util.List;

/// How one kind of error of an engine is recognised: by any of these codes or texts.
///
/// @param codes values of the fields `code` or `type` of the error
/// @param texts lower-case parts of its message; the case of the message does not matter
public record ErrorPatterns(@Default("[]") List<String> codes, @Default("[]") List<String> texts) {
  public ErrorPatterns {
    codes = List.copyOf(codes);
    texts = List.copyOf(texts);
  }
}
