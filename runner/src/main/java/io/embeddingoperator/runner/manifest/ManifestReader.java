package io.embeddingoperator.runner.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.runner.failure.ParserLimits;
import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads an EmbeddingJob or an EmbeddingEndpoint from YAML or JSON, as strictly as an API server: an unknown field, a field that stands twice or a
 * text where a number belongs, or the opposite, is refused with a sentence that names it. Other objects in the same file are passed over.
 */
public final class ManifestReader {
    /** An API server takes 1.5 MiB; more objects may stand in the same file. The parser takes no more characters than that. */
    static final int MAX_BYTES = 3 * 1024 * 1024;

    private static final ObjectMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(ParserLimits.withStringsOf(MAX_BYTES))
                    .build())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                    LogicalType.Textual,
                    texts -> texts.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail))
            .build();

    private ManifestReader() {}

    /** @throws SpecificationException with a sentence that names the file, the field, the value and what to do */
    public static Manifest read(Path file) {
        return read(file.toString(), content(file));
    }

    /**
     * The one EmbeddingJob or EmbeddingEndpoint of a file.
     *
     * @throws SpecificationException with a sentence that names the file, the field, the value and what to do
     */
    public static ServedManifest readServed(Path file) {
        return readServed(file.toString(), content(file));
    }

    private static String content(Path file) {
        try {
            return text(file);
        } catch (NoSuchFileException e) {
            throw new SpecificationException("%s does not exist: give the path of a manifest".formatted(file));
        } catch (AccessDeniedException e) {
            ReadPermission.check(file);
            throw new SpecificationException(ReadPermission.sentence(file), e);
        } catch (CharacterCodingException e) {
            throw new SpecificationException("%s is not valid UTF-8: write the manifest as UTF-8".formatted(file), e);
        } catch (IOException e) {
            throw new SpecificationException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Of a pipe too, whose size is not known before its end. */
    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw tooLarge(file);
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        }
    }

    private static SpecificationException tooLarge(Path file) throws IOException {
        // What is no plain file has no size, or the wrong one.
        long bytes = Math.max(Files.size(file), MAX_BYTES + 1);
        return new SpecificationException(String.format(
                Locale.ROOT,
                "%s has %s%,d bytes, and a manifest has %,d at the most: give the path of a manifest",
                file,
                Files.isRegularFile(file) ? "" : "at least ",
                bytes,
                MAX_BYTES));
    }

    static Manifest read(String name, String yaml) {
        return mapped(name, only(name, objects(name, yaml), List.of(ApiVersion.KIND)), Manifest.class);
    }

    static ServedManifest readServed(String name, String yaml) {
        JsonNode served = only(name, objects(name, yaml), List.of(ApiVersion.KIND, ApiVersion.ENDPOINT_KIND));
        return served.path("kind").asText().equals(ApiVersion.KIND)
                ? mapped(name, served, Manifest.class)
                : mapped(name, served, EndpointManifest.class);
    }

    private static <T extends Record> T mapped(String name, JsonNode object, Class<T> type) {
        UnknownFields.check(name, object, type);
        try {
            return YAML.treeToValue(object, type);
        } catch (JsonProcessingException e) {
            throw new SpecificationException(name + ": " + MappingProblem.sentence(e, object), e);
        }
    }

    private static List<JsonNode> objects(String name, String yaml) {
        List<JsonNode> objects = new ArrayList<>();
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(yaml)) {
            addAll(name, documents, objects);
        } catch (JsonProcessingException e) {
            throw new SpecificationException(name + ": " + MappingProblem.sentence(e, MissingNode.getInstance()), e);
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory can always be read", e);
        }
        return objects;
    }

    private static void addAll(String name, MappingIterator<JsonNode> documents, List<JsonNode> objects)
            throws IOException {
        try {
            while (documents.hasNextValue()) {
                objects.add(documents.nextValue());
            }
        } catch (StreamConstraintsException e) {
            // It does not know its place.
            throw new SpecificationException(
                    name + ": " + MappingProblem.unreadable(e, documents.getCurrentLocation()), e);
        }
    }

    private static JsonNode only(String name, List<JsonNode> objects, List<String> kinds) {
        List<JsonNode> found = objects.stream()
                .filter(object -> kinds.contains(object.path("kind").asText()))
                .toList();
        if (found.size() != 1) {
            throw new SpecificationException("%s holds %s %s: give the path of a file with exactly one"
                    .formatted(name, found.isEmpty() ? "no" : "more than one", String.join(" or ", kinds)));
        }
        JsonNode object = found.getFirst();
        String version = object.path("apiVersion").asText();
        if (!ApiVersion.GROUP_VERSION.equals(version)) {
            throw new SpecificationException("%s: apiVersion is %s: use %s"
                    .formatted(name, version.isEmpty() ? "missing" : version, ApiVersion.GROUP_VERSION));
        }
        // What the API server keeps beside the spec is not the runner's to read.
        return ((ObjectNode) object.deepCopy()).without("status");
    }
}
