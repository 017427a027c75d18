package io.embeddingoperator.api.schema;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.tools.ToolProvider;

/**
 * The Javadoc of the API, read from its sources, so that {@code kubectl explain} shows what the records already say.
 * Keys are {@code Type}, {@code Type.component} and {@code Enum.CONSTANT}; a nested type is {@code Outer.Inner}.
 */
final class ApiJavadoc {
    private final Map<String, String> sentences = new HashMap<>();

    private ApiJavadoc() {}

    static ApiJavadoc read(Path sources) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var javadoc = new ApiJavadoc();
        try (var files = compiler.getStandardFileManager(null, null, null);
                var paths = Files.walk(sources)) {
            var javaFiles =
                    paths.filter(path -> path.toString().endsWith(".java")).toList();
            var task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(javaFiles));
            var scanner = javadoc.new Scanner(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) {
                scanner.scan(unit, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return javadoc;
    }

    Optional<String> of(String type) {
        return Optional.ofNullable(sentences.get(type));
    }

    Optional<String> of(String type, String member) {
        return of(type + "." + member);
    }

    private final class Scanner extends TreePathScanner<Void, Void> {
        private final DocTrees trees;
        private final Deque<String> types = new ArrayDeque<>();

        Scanner(DocTrees trees) {
            this.trees = trees;
        }

        @Override
        public Void visitClass(ClassTree type, Void unused) {
            types.addLast(type.getSimpleName().toString());
            String name = String.join(".", types);
            DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
            if (comment != null) {
                sentences.put(name, plain(comment.getFullBody()));
                for (DocTree tag : comment.getBlockTags()) {
                    if (tag instanceof ParamTree param) {
                        sentences.put(name + "." + param.getName(), capitalized(plain(param.getDescription())));
                    }
                }
            }
            super.visitClass(type, unused);
            types.removeLast();
            return null;
        }

        @Override
        public Void visitVariable(VariableTree member, Void unused) {
            DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
            if (comment != null) {
                sentences.put(String.join(".", types) + "." + member.getName(), plain(comment.getFullBody()));
            }
            return null;
        }
    }

    private static String plain(List<? extends DocTree> trees) {
        var text = new StringBuilder();
        for (DocTree tree : trees) {
            text.append(tree instanceof LiteralTree literal ? literal.getBody().toString() : tree.toString());
        }
        return text.toString().replaceAll("\\s+", " ").strip();
    }

    /** A {@code @param} begins in the middle of a sentence; a description stands alone. */
    private static String capitalized(String text) {
        String sentence = text.endsWith(".") ? text : text + ".";
        return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
    }
}
