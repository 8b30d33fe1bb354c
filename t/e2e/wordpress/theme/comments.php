<?php if (!post_password_required()): ?>
<ol><?php wp_list_comments() ?></ol>
<?php endif ?>
