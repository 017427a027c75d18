package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Size;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds a specification to the sizes that its records declare for the schema, so that a laptop refuses what an API server refuses.
 * An object that was stored before a limit was set is refused here too.
 */
final class Bounds {
    private Bounds() {}

    static void check(Record value, String field) {
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            check(
                    read(component, value),
                    component.getAnnotatedType(),
                    component.getAccessor(),
                    field + "." + component.getName());
        }
    }

    private static void check(@Nullable Object value, AnnotatedType type, AnnotatedElement declared, String field) {
        Size size = declared.getAnnotation(Size.class);
        switch (value) {
            case null -> {}
            case String text -> checkLength(text.codePointCount(0, text.length()), size, "characters", field);
            case List<?> items -> {
                checkLength(items.size(), size, "items", field);
                AnnotatedType item = argument(type, 0);
                for (int i = 0; i < items.size(); i++) {
                    check(items.get(i), item, item, field + "[" + i + "]");
                }
            }
            case Map<?, ?> entries -> {
                checkLength(entries.size(), size, "entries", field);
                AnnotatedType entry = argument(type, 1);
                entries.forEach((key, member) -> check(member, entry, entry, field + "." + key));
            }
            case Record member -> check(member, field);
            default -> {}
        }
    }

    private static void checkLength(int length, Size size, String unit, String field) {
        Field.check(
                size == null || length <= size.max(),
                () -> "%s has %d %s: use at most %d".formatted(field, length, unit, size.max()));
    }

    private static AnnotatedType argument(AnnotatedType type, int index) {
        return ((AnnotatedParameterizedType) type).getAnnotatedActualTypeArguments()[index];
    }

    private static @Nullable Object read(RecordComponent component, Record value) {
        try {
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a component of a public record can be read", e);
        }
    }
}
