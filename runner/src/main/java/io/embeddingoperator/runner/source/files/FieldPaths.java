package io.embeddingoperator.runner.source.files;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where fields stand in an object: a field is the member of its name, or else, up to a dot in the name, leads into the object
 * of that member, where the same holds for the rest of the name.
 */
final class FieldPaths {
    /** The number of no field. */
    static final int NONE = -1;

    private final Map<String, Member> members = new HashMap<>();

    /**
     * What is wanted of a member.
     *
     * @param field the number of the field that the member is, or {@link #NONE}
     * @param below the fields that may stand in it, or null
     */
    record Member(int field, @Nullable FieldPaths below) {}

    void add(String name, int field) {
        members.merge(name, new Member(field, null), (known, added) -> new Member(added.field, known.below));
        int dot = name.indexOf('.');
        if (dot > 0) {
            Member outer = members.getOrDefault(name.substring(0, dot), new Member(NONE, null));
            FieldPaths below = outer.below == null ? new FieldPaths() : outer.below;
            below.add(name.substring(dot + 1), field);
            members.put(name.substring(0, dot), new Member(outer.field, below));
        }
    }

    /** Null where nothing is wanted of it. */
    @Nullable
    Member member(String name) {
        return members.get(name);
    }
}
