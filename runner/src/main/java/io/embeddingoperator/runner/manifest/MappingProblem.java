package io.embeddingoperator.runner.manifest;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import io.embeddingoperator.runner.failure.ParserLimits;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Turns what Jackson found wrong into a sentence for the person who wrote the manifest. */
final class MappingProblem {
    private MappingProblem() {}

    /** @param tree what was read, or a missing node where not even that was possible */
    static String sentence(JsonProcessingException problem, JsonNode tree) {
        return ofRecord(problem).orElseGet(() -> ofJackson(problem, tree));
    }

    /** What a record says that refuses its values is such a sentence already. */
    private static Optional<String> ofRecord(JsonProcessingException problem) {
        return switch (problem) {
            case ValueInstantiationException refused ->
                Optional.ofNullable(refused.getCause()).map(Throwable::getMessage);
            case MismatchedInputException _ -> Optional.empty();
            case JsonMappingException mapping ->
                Optional.ofNullable(mapping.getCause()).map(Throwable::getMessage);
            default -> Optional.empty();
        };
    }

    private static String ofJackson(JsonProcessingException problem, JsonNode tree) {
        return switch (problem) {
            case InvalidFormatException value
            when value.getTargetType().isEnum() ->
                "%s is %s: use one of %s"
                        .formatted(
                                path(value),
                                value.getValue(),
                                names(Arrays.asList(value.getTargetType().getEnumConstants())));
            case InvalidFormatException value
            when value.getTargetType() == String.class ->
                "%s is %s: write it in quotes, without which YAML takes no for false, and 1.10 for 1.1"
                        .formatted(path(value), value.getValue());
            case InvalidFormatException value ->
                "%s is \"%s\": %s".formatted(path(value), value.getValue(), expected(value.getTargetType()));
            case MismatchedInputException mismatch ->
                "%s is %s: %s".formatted(path(mismatch), valueAt(mismatch, tree), expected(mismatch.getTargetType()));
            default -> unreadable(problem, problem.getLocation());
        };
    }

    /** @param location where the parser stands, which knows it better than some of its exceptions */
    static String unreadable(JsonProcessingException problem, JsonLocation location) {
        if (problem instanceof StreamConstraintsException beyond) {
            return "the manifest%s %s".formatted(place(location), ParserLimits.predicate(beyond));
        }
        return "not valid YAML%s: %s".formatted(place(location), words(problem.getOriginalMessage()));
    }

    /** A name that is none is told by the parser as an object of its library. */
    private static String words(String message) {
        if (!message.startsWith("Expected a field name")) {
            return firstLine(message);
        }
        String found = message.contains("SequenceStartEvent")
                ? "a list"
                : message.contains("MappingStartEvent") ? "a group of fields" : "something else";
        return "%s stands where a field's name belongs: write a plain name".formatted(found);
    }

    private static String path(JsonMappingException problem) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : problem.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.isEmpty() ? "the manifest" : path.toString();
    }

    private static String valueAt(JsonMappingException problem, JsonNode tree) {
        JsonNode node = tree;
        for (JsonMappingException.Reference step : problem.getPath()) {
            node = step.getFieldName() == null ? node.path(step.getIndex()) : node.path(step.getFieldName());
        }
        return node.isValueNode() ? "\"" + node.asText() + "\"" : node.isArray() ? "a list" : "a group of fields";
    }

    private static String expected(Class<?> type) {
        if (type == null) {
            return "see the reference of EmbeddingJob";
        }
        if (Number.class.isAssignableFrom(type)) {
            return "use a whole number, without quotes";
        }
        if (type == Boolean.class) {
            return "use true or false, without quotes";
        }
        if (type == String.class) {
            return "use a text";
        }
        return Collection.class.isAssignableFrom(type) ? "use a list" : "use fields below it";
    }

    private static String names(Collection<?> values) {
        return values.stream().map(Object::toString).sorted().collect(Collectors.joining(", "));
    }

    private static String place(JsonLocation location) {
        return location == null ? "" : " at line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse(message);
    }
}
