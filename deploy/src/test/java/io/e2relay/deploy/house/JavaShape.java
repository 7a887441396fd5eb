// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import com.sun.source.tree.AnnotatedTypeTree;
import com.sun.source.tree.BindingPatternTree;
import com.sun.source.tree.CaseLabelTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ConstantCaseLabelTree;
import com.sun.source.tree.DeconstructionPatternTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.PatternCaseLabelTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// The shape of Java sources as the compiler parses them: methods, constructors, switches, enums.
final class JavaShape {
  /// A method or constructor; the lines are from its name to its closing brace.
  record Method(String file, int line, String name, int lines, int parameters, boolean constructor) {
  }

  /// A switch that has a default, and the names of the constants and types that its other cases use.
  record Defaulted(String file, int line, Set<String> labels) {
  }

  private final List<Method> methods = new ArrayList<>();
  private final List<Defaulted> switches = new ArrayList<>();
  private final Set<String> enumConstants = new HashSet<>();
  private final Set<String> sealed = new HashSet<>();
  private final Map<String, Set<String>> supertypes = new HashMap<>();

  private JavaShape() {
  }

  static JavaShape of(SourceTree tree) throws IOException {
    List<JavaFileObject> sources = new ArrayList<>();
    tree.java().forEach(file -> sources.add(new Source(file)));
    JavaShape shape = new JavaShape();
    if (sources.isEmpty()) {
      return shape;
    }
    var compiler = ToolProvider.getSystemJavaCompiler();
    JavacTask task = (JavacTask) compiler.getTask(null, null, _ -> {
    }, List.of("-proc:none"), null, sources);
    SourcePositions positions = Trees.instance(task).getSourcePositions();
    for (CompilationUnitTree unit : task.parse()) {
      shape.new Scanner(unit, positions).scan(unit, null);
    }
    return shape;
  }

  List<Method> methods() {
    return List.copyOf(methods);
  }

  List<Defaulted> switches() {
    return List.copyOf(switches);
  }

  /// The constants of every enum in the tree.
  Set<String> enumConstants() {
    return Set.copyOf(enumConstants);
  }

  /// The names of every type that belongs to a sealed one.
  Set<String> sealedMembers() {
    Set<String> members = new HashSet<>(sealed);
    supertypes.forEach((type, parents) -> {
      if (parents.stream().anyMatch(sealed::contains)) {
        members.add(type);
      }
    });
    return members;
  }

  private final class Scanner extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;

    Scanner(CompilationUnitTree unit, SourcePositions positions) {
      this.unit = unit;
      this.positions = positions;
    }

    @Override
    public @Nullable Void visitClass(ClassTree tree, @Nullable Void nothing) {
      String name = tree.getSimpleName().toString();
      if (tree.getModifiers().getFlags().contains(Modifier.SEALED)) {
        sealed.add(name);
      }
      Set<String> parents = supertypes.computeIfAbsent(name, _ -> new HashSet<>());
      tree.getImplementsClause().forEach(parent -> parents.add(simple(parent)));
      if (tree.getExtendsClause() != null) {
        parents.add(simple(tree.getExtendsClause()));
      }
      if (tree.getKind() == Tree.Kind.ENUM) {
        for (Tree member : tree.getMembers()) {
          if (member instanceof VariableTree constant && constant.getType() instanceof IdentifierTree type
              && type.getName().contentEquals(tree.getSimpleName())) {
            enumConstants.add(constant.getName().toString());
          }
        }
      }
      return super.visitClass(tree, null);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree tree, @Nullable Void nothing) {
      boolean compact = tree.getName().contentEquals("<init>") && start(tree) == start(tree.getModifiers());
      // The end of a method without a body is that of its signature; a generated one has no place at all.
      if (positions.getEndPosition(unit, tree) > 0) {
        methods.add(new Method(file(), line(start(tree)), tree.getName().toString(),
            line(positions.getEndPosition(unit, tree)) - line(start(tree)) + 1, tree.getParameters().size(),
            tree.getName().contentEquals("<init>") && !compact));
      }
      return super.visitMethod(tree, null);
    }

    @Override
    public @Nullable Void visitSwitch(SwitchTree tree, @Nullable Void nothing) {
      look(tree, tree.getCases());
      return super.visitSwitch(tree, null);
    }

    @Override
    public @Nullable Void visitSwitchExpression(SwitchExpressionTree tree, @Nullable Void nothing) {
      look(tree, tree.getCases());
      return super.visitSwitchExpression(tree, null);
    }

    private void look(Tree tree, List<? extends CaseTree> cases) {
      boolean defaulted = false;
      Set<String> labels = new HashSet<>();
      for (CaseTree one : cases) {
        for (CaseLabelTree label : one.getLabels()) {
          defaulted |= label instanceof DefaultCaseLabelTree;
          switch (label) {
            case ConstantCaseLabelTree constant -> labels.add(simple(constant.getConstantExpression()));
            case PatternCaseLabelTree pattern -> labels.add(simple(pattern.getPattern()));
            default -> {
              // The default itself.
            }
          }
        }
      }
      if (defaulted) {
        switches.add(new Defaulted(file(), line(start(tree)), labels));
      }
    }

    /// The last name of what is named there; nothing for a literal.
    private String simple(Tree tree) {
      return switch (tree) {
        case IdentifierTree name -> name.getName().toString();
        case MemberSelectTree name -> name.getIdentifier().toString();
        case ParameterizedTypeTree type -> simple(type.getType());
        case AnnotatedTypeTree type -> simple(type.getUnderlyingType());
        case BindingPatternTree pattern -> simple(pattern.getVariable().getType());
        case DeconstructionPatternTree pattern -> simple(pattern.getDeconstructor());
        default -> "";
      };
    }

    private String file() {
      return unit.getSourceFile().toUri().getPath().substring(1);
    }

    private long start(Tree tree) {
      return positions.getStartPosition(unit, tree);
    }

    private int line(long position) {
      return (int) unit.getLineMap().getLineNumber(position);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(Map.Entry<String, String> file) {
      super(URI.create("string:///" + file.getKey().replace(" ", "%20")), Kind.SOURCE);
      this.text = file.getValue();
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
