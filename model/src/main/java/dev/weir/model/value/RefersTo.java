// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a field of a spec that names another resource, in the same namespace or global. The field
/// is a text, or an optional, a list or a map of texts.
///
/// The named resource must exist when the spec is applied. It cannot be deleted while the spec
/// names it.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface RefersTo {
  Kind value();
}
