package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Quantity;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a {@link LocalNode} is and has.
 *
 * @param name the node's name: a DNS label
 * @param cpu cores that pods may ask for, as a Kubernetes quantity; nothing enforces them
 * @param memory bytes that pods may ask for, as a Kubernetes quantity; nothing enforces them
 * @param extendedResources what else pods may ask for, by resource name: {@code nvidia.com/gpu} → {@code 2}
 * @param images the images that this node can run; every other one cannot be pulled
 * @param imageVolumes the folders that stand for images mounted as volumes
 * @param folder where the node keeps its pods' volumes and logs; created when absent
 */
public record NodeSettings(
        String name,
        String cpu,
        String memory,
        Map<String, String> extendedResources,
        Map<String, ProcessImage> images,
        Map<String, Path> imageVolumes,
        Path folder) {
    public NodeSettings {
        if (!name.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) {
            throw new IllegalArgumentException(
                    "name \"" + name + "\" of a node must be a DNS label: lower-case letters, digits and '-'");
        }
        Quantity.parse(cpu);
        Quantity.parse(memory);
        extendedResources = Map.copyOf(extendedResources);
        images = Map.copyOf(images);
        imageVolumes = Map.copyOf(imageVolumes);
        folder = folder.toAbsolutePath().normalize();
    }

    /** A node with 8 cores and 32 GiB to ask for, without images. */
    public static NodeSettings of(String name, Path folder) {
        return new NodeSettings(name, "8", "32Gi", Map.of(), Map.of(), Map.of(), folder);
    }

    public NodeSettings withCapacity(String cpu, String memory) {
        return new NodeSettings(name, cpu, memory, extendedResources, images, imageVolumes, folder);
    }

    public NodeSettings withExtendedResource(String resource, String quantity) {
        return new NodeSettings(
                name, cpu, memory, with(extendedResources, resource, quantity), images, imageVolumes, folder);
    }

    public NodeSettings withImage(String reference, ProcessImage image) {
        return new NodeSettings(
                name, cpu, memory, extendedResources, with(images, reference, image), imageVolumes, folder);
    }

    public NodeSettings withImageVolume(String reference, Path content) {
        return new NodeSettings(
                name, cpu, memory, extendedResources, images, with(imageVolumes, reference, content), folder);
    }

    private static <V> Map<String, V> with(Map<String, V> map, String key, V value) {
        var extended = new LinkedHashMap<>(map);
        extended.put(key, value);
        return extended;
    }
}
