package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the chart makes of some values.
 *
 * @param documents as they were written
 * @param objects the same, typed
 */
public record RenderedChart(List<JsonNode> documents, List<HasMetadata> objects) {
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    static RenderedChart parse(String yaml) {
        List<JsonNode> documents = new ArrayList<>();
        try (var values = Chart.YAML.readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
            values.forEachRemaining(document -> {
                if (document.isObject()) {
                    documents.add(document);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new RenderedChart(
                documents,
                documents.stream()
                        .map(document -> KUBERNETES.<HasMetadata>unmarshal(document.toString()))
                        .toList());
    }

    public <T extends HasMetadata> List<T> all(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    public <T extends HasMetadata> T only(Class<T> type) {
        assertThat(all(type)).as(type.getSimpleName()).hasSize(1);
        return all(type).getFirst();
    }

    public <T extends HasMetadata> T named(Class<T> type, String name) {
        List<T> found = all(type).stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .toList();
        assertThat(found).as("%s %s", type.getSimpleName(), name).hasSize(1);
        return found.getFirst();
    }

    public List<String> kinds() {
        return objects.stream().map(HasMetadata::getKind).toList();
    }
}
