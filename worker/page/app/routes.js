/*
 * app/routes.js
 *    Which path is which view. Each row: path (":name" is a parameter), room (whose texts it
 *    needs; several in an array), view (imports the module; its default export is the View), title (a key, for the document
 *    until the view has one), nav (which entry of the navigation is marked), role 'admin': for
 *    administrators; open: for everybody; bare: without the navigation; lean: the server's sentences in other languages come
 * when something is refused.
 */
const admin = { room: 'admin', nav: 'admin', role: 'admin' };
const monitor = { room: ['work', 'monitor'], nav: 'monitor', role: 'admin' };
const shell = { room: 'shell', open: true, bare: true };

export const routes = [
    { path: '/account', room: ['work', 'account'], title: 'account.title', nav: 'account', view: () => import('../view/account/account.js') },
    { path: '/account/:part', room: ['work', 'account'], title: 'account.title', nav: 'account', view: () => import('../view/account/account.js') },
    { path: '/admin', title: 'admin.overview', view: () => import('../view/admin/overview.js'), ...admin },
    { path: '/admin/audit', title: 'admin.audit', view: () => import('../view/admin/audit.js'), ...admin },
    { path: '/admin/doctor', title: 'admin.doctor', view: () => import('../view/admin/doctor.js'), ...admin },
    { path: '/admin/invitations', title: 'admin.invitations', view: () => import('../view/admin/invitations.js'), ...admin },
    { path: '/admin/outside', title: 'admin.outside', view: () => import('../view/admin/outside.js'), ...admin, room: ['work', 'admin'] },
    { path: '/admin/plans', title: 'admin.plans', view: () => import('../view/admin/plans.js'), ...admin },
    { path: '/admin/users', title: 'admin.users', view: () => import('../view/admin/users.js'), ...admin },
    { path: '/admin/users/:id', title: 'admin.user', view: () => import('../view/admin/user.js'), ...admin },
    { path: '/automation', room: 'rules', title: 'nav.automation', nav: 'automation', view: () => import('../view/automation/list.js') },
    { path: '/automation/:id', room: 'rules', title: 'nav.automation', nav: 'automation', view: () => import('../view/automation/edit.js') },
    { path: '/automation/runs/:id', room: 'rules', title: 'nav.automation', nav: 'automation', view: () => import('../view/automation/run.js') },
    { path: '/connect/:platform', room: 'rules', title: 'nav.credentials', nav: 'credentials', view: () => import('../view/credentials/connect.js') },
    { path: '/credentials', room: 'rules', title: 'nav.credentials', nav: 'credentials', view: () => import('../view/credentials/list.js') },
    { path: '/credentials/:id', room: 'rules', title: 'nav.credentials', nav: 'credentials', view: () => import('../view/credentials/edit.js') },
    { path: '/forgot', title: 'forgot.title', view: () => import('../view/shell/forgot.js'), ...shell },
    { path: '/login', title: 'login.title', view: () => import('../view/shell/login.js'), ...shell },
    { path: '/monitor', room: ['work', 'monitor'], title: 'nav.monitor', nav: 'monitor', view: () => import('../view/monitor/monitor.js') },
    { path: '/monitor/history', title: 'monitor.history', view: () => import('../view/monitor/history.js'), ...monitor },
    { path: '/monitor/limits', title: 'monitor.limits', view: () => import('../view/monitor/limits.js'), ...monitor },
    { path: '/monitor/schedule', title: 'monitor.schedule', view: () => import('../view/monitor/schedule.js'), ...monitor },
    { path: '/monitor/tasks', room: ['work', 'monitor'], title: 'monitor.tasks', nav: 'monitor', view: () => import('../view/monitor/tasks.js') },
    { path: '/monitor/tasks/:id', room: ['work', 'monitor'], title: 'monitor.task', nav: 'monitor', view: () => import('../view/monitor/task.js') },
    { path: '/monitor/waiting', title: 'monitor.waiting', view: () => import('../view/monitor/waiting.js'), ...monitor },
    { path: '/notifications', room: 'notifications', title: 'notifications.title', nav: 'notifications', view: () => import('../view/notifications/notifications.js') },
    { path: '/notifications/:part', room: 'notifications', title: 'notifications.title', nav: 'notifications', view: () => import('../view/notifications/notifications.js') },
    { path: '/presets', room: 'rules', title: 'nav.presets', nav: 'presets', view: () => import('../view/presets/list.js') },
    { path: '/presets/:id', room: 'rules', title: 'nav.presets', nav: 'presets', view: () => import('../view/presets/edit.js') },
    { path: '/recordings', room: ['work', 'recordings'], title: 'list.title', nav: 'recordings', lean: true, view: () => import('../view/recordings/recordings.js') },
    { path: '/recordings/:id', room: ['work', 'lecture'], title: 'nav.recordings', nav: 'recordings', view: () => import('../view/recording/recording.js') },
    { path: '/register', title: 'register.title', view: () => import('../view/shell/register.js'), ...shell },
    { path: '/reset-password', title: 'reset.title', view: () => import('../view/shell/reset.js'), ...shell },
    { path: '/search', room: ['work', 'lecture'], title: 'search.title', nav: 'search', view: () => import('../view/search/search.js') },
    { path: '/share/:token', room: 'player', title: 'share.title', view: () => import('../view/share/share.js'), open: true, bare: true, wide: true },
    { path: '/sources', room: 'rules', title: 'nav.sources', nav: 'sources', view: () => import('../view/sources/list.js') },
    { path: '/sources/:id', room: 'rules', title: 'nav.sources', nav: 'sources', view: () => import('../view/sources/edit.js') },
    { path: '/templates', room: 'rules', title: 'nav.templates', nav: 'templates', view: () => import('../view/templates/list.js') },
    { path: '/templates/:id', room: 'rules', title: 'nav.templates', nav: 'templates', view: () => import('../view/templates/edit.js') },
    { path: '/verify-email', title: 'verify.title', view: () => import('../view/shell/verify.js'), ...shell },
    { path: '/welcome', room: ['work', 'first'], title: 'first.title', nav: 'recordings', view: () => import('../view/first/first.js') },
];
