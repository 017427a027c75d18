package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages for people: their links lead somewhere, and the first one stays short. */
class PagesTest {
    private static final Path README = Checkout.file("README.md");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");
    private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final int MOST_WORDS = 400;

    /** Pages that stand beside what they tell of. */
    private static final List<String> ELSEWHERE = List.of(
            "README.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "SECURITY.md",
            "BENCHMARKS.md",
            "examples/README.md",
            "crds/README.md",
            "helm/embedding-operator/README.md",
            "dev/reference/README.md",
            "testing/bench/pacing/README.md");

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadToFilesAndHeadingsThatThereAre(Path page) throws IOException {
        String text = CODE.matcher(Files.readString(page)).replaceAll("");

        List<String> dead = LINK.matcher(text)
                .results()
                .filter(link -> !leadsSomewhere(page, link))
                .map(MatchResult::group)
                .toList();

        assertThat(dead).as("dead links of %s", page).isEmpty();
    }

    @Test
    void theFirstPageIsReadInTwoMinutes() throws IOException {
        String[] words = Files.readString(README).strip().split("\\s+");

        assertThat(words).hasSizeLessThanOrEqualTo(MOST_WORDS);
    }

    static Stream<Path> pages() throws IOException {
        Path root = README.getParent();
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            List<Path> pages =
                    docs.filter(file -> file.toString().endsWith(".md")).toList();
            return Stream.concat(pages.stream(), ELSEWHERE.stream().map(root::resolve));
        }
    }

    private static boolean leadsSomewhere(Path page, MatchResult link) {
        Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
        if (!Files.exists(target)) {
            return false;
        }
        return link.group(2) == null || headings(target).contains(link.group(2));
    }

    /** As GitHub makes anchors of them. */
    private static List<String> headings(Path page) {
        try {
            return HEADING.matcher(Files.readString(page))
                    .results()
                    .map(heading -> heading.group(1)
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\p{L}\\p{N} _-]", "")
                            .replace(' ', '-'))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
