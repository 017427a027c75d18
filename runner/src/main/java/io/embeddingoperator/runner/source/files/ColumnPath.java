package io.embeddingoperator.runner.source.files;

import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The way to a column of a Parquet file: the column of the name, or else, up to a dot in the name, into the struct of that name,
 * where the same holds for the rest. It is the rule of {@link FieldPaths}.
 *
 * @param types each inside of the one before it; none where there is no such column
 * @param sameNames how many columns have the last one's name beside it, itself included
 */
record ColumnPath(List<Type> types, long sameNames) {
    ColumnPath {
        types = List.copyOf(types);
    }

    static ColumnPath of(GroupType group, String name) {
        if (group.containsField(name)) {
            long same = group.getFields().stream()
                    .filter(field -> field.getName().equals(name))
                    .count();
            return new ColumnPath(List.of(group.getType(name)), same);
        }
        int dot = name.indexOf('.');
        if (dot < 0 || !group.containsField(name.substring(0, dot))) {
            return new ColumnPath(List.of(), 0);
        }
        Type outer = group.getType(name.substring(0, dot));
        if (outer.isPrimitive() || outer.isRepetition(Type.Repetition.REPEATED)) {
            return new ColumnPath(List.of(), 0);
        }
        ColumnPath inner = of(outer.asGroupType(), name.substring(dot + 1));
        List<Type> types = new ArrayList<>(inner.types);
        if (!inner.isEmpty()) {
            types.addFirst(outer);
        }
        return new ColumnPath(types, inner.sameNames);
    }

    boolean isEmpty() {
        return types.isEmpty();
    }

    Type last() {
        return types.getLast();
    }

    List<String> names() {
        return types.stream().map(Type::getName).toList();
    }

    /** A schema with nothing but the column and the structs around it. */
    MessageType requested(String schema) {
        Type requested = last();
        for (Type outer : types.reversed().subList(1, types.size())) {
            requested = outer.asGroupType().withNewFields(requested);
        }
        return new MessageType(schema, requested);
    }
}
